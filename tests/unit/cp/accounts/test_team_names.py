"""Names of personal teams are allowed names."""

import re
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.accounts.teams.names import team_names

NAME = re.compile(r"[a-z][a-z0-9-]{0,38}\Z")


@given(st.text(max_size=100), st.text(max_size=100))
def test_whatever_a_person_is_called_their_team_has_an_allowed_name(name: str, email: str) -> None:
    names = list(islice(team_names(name, email), 12))
    assert len(set(names)) == len(names)
    assert all(NAME.match(found) for found in names)


def test_the_name_comes_first_then_the_email() -> None:
    assert next(team_names("Ada Lovelace", "countess@example.org")) == "ada-lovelace"
    assert next(team_names("愛", "countess@example.org")) == "countess"
    assert next(team_names("愛", "1@example.org")) == "team"
