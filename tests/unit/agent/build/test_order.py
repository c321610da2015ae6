"""Settings are built above the files right before them; everything else stays where it is."""

from hypothesis import given
from hypothesis import strategies as st

from wisehosting_agent.build.containerfile import vet
from wisehosting_agent.build.order import settings_first

SETTINGS = {"USER", "CMD", "LABEL", "EXPOSE"}
FILES = {"COPY", "ADD"}
OTHERS = {"RUN", "ENV", "WORKDIR", "FROM", "SHELL", "ONBUILD", "VOLUME", "ARG"}


def test_what_ends_most_containerfiles_goes_above_their_last_copy() -> None:
    text = vet(
        "FROM debian:13\nRUN make\nCOPY a /a\nCOPY b /b\nUSER 1000\nEXPOSE 80\nCOPY c /c\n"
        'ENTRYPOINT ["x"]\nCMD ["y"]\nFROM debian:13\nCOPY --from=0 /a /a\nUSER 2\nRUN true\n'
    ).text
    assert settings_first(text) == (
        "FROM debian:13\nRUN make\nUSER 1000\nEXPOSE 80\n"
        'ENTRYPOINT ["x"]\nCMD ["y"]\nCOPY a /a\nCOPY b /b\nCOPY c /c\nFROM debian:13\nUSER 2\nCOPY --from=0 /a /a\nRUN true\n'
    )


@given(st.lists(st.sampled_from(sorted(SETTINGS | FILES | OTHERS))))
def test_only_settings_pass_only_files(keywords: list[str]) -> None:
    rows = [f"{keyword} {number}\n" for number, keyword in enumerate(keywords)]
    ordered = settings_first("".join(rows)).splitlines(keepends=True)
    assert sorted(ordered) == sorted(rows)
    assert settings_first("".join(ordered)) == "".join(ordered)
    place = {row: number for number, row in enumerate(ordered)}
    for first, one in enumerate(rows):
        for later in rows[first + 1 :]:
            if place[one] > place[later]:
                assert one.split(" ")[0] in FILES
                assert later.split(" ")[0] in SETTINGS
