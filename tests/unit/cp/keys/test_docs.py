"""docs/keys.md says of the keys what the code says."""

from pathlib import Path

import pytest

from wisehosting_cp.keys import uses
from wisehosting_cp.kit import master_key

DOC = (Path(__file__).parents[4] / "docs" / "keys.md").read_text()


@pytest.mark.parametrize("name", ["table", "columns_table"])
def test_the_tables_are_those_of_the_code(name: str) -> None:
    begin = f"<!-- made by wisehosting_cp.keys.uses.{name} -->\n"
    written = DOC.partition(begin)[2].partition("\n<!-- end -->")[0]
    assert written == getattr(uses, name)()


def test_setting_and_credential_are_named_as_the_code_names_them() -> None:
    assert master_key.SETTING in DOC
    assert f"LoadCredential={master_key.CREDENTIAL}:" in DOC
