"""If-Match: which changes may go ahead."""

import pytest

from wisehosting_cp.kit.etag import matches


@pytest.mark.parametrize("header", [None, "*", " * ", '"7"', '"6", "7"', '"6","7"', ' "7" '])
def test_a_change_goes_ahead_without_the_header_with_a_star_and_with_the_right_tag(header: str | None) -> None:
    assert matches(header, 7)


@pytest.mark.parametrize("header", ["", "7", '"6"', '"77"', 'W/"7"', '"6", W/"7"', '"', '"7', "'7'", '"*"', '"a,7"'])
def test_a_change_is_refused_for_any_other_tag_a_weak_one_and_what_is_no_tag(header: str) -> None:
    assert not matches(header, 7)
