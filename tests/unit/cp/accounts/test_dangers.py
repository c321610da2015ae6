"""The table of acts that take a step-up."""

from pathlib import Path

from wisehosting_cp.accounts.dangers import danger_table

DOCS = Path(__file__).parents[4] / "docs" / "sign-in.md"


def test_the_docs_print_the_table() -> None:
    assert danger_table() in DOCS.read_text(), "print it anew with: wh-cp permissions --dangers"
