"""One page, and one picture of it, with all pictures beside each other."""

import html
from pathlib import Path

from playwright.sync_api import Browser

STYLE = """
body { margin: 24px; background: #777; font: 14px sans-serif; color: #fff; }
section { margin-bottom: 24px; }
h2 { margin: 0 0 8px; font-size: 14px; }
div { display: flex; gap: 12px; align-items: flex-start; }
img { height: 520px; }
"""


def write(out: Path, names: list[str], browser: Browser) -> Path:
    """Write `sheet.html` and `sheet.png` beside the pictures; the path of the page."""
    rows = "\n".join(
        f"<section><h2>{html.escape(name)}</h2><div>"
        + "".join(f'<img src="{name}-{kind}.png" alt="">' for kind in ("light", "dark", "360"))
        + "</div></section>"
        for name in names
    )
    sheet = out / "sheet.html"
    sheet.write_text(f"<!doctype html><meta charset=utf-8><title>Dashboard</title><style>{STYLE}</style>{rows}")
    page = browser.new_page(viewport={"width": 1900, "height": 1000})
    page.goto(sheet.as_uri())
    page.screenshot(path=out / "sheet.png", full_page=True)
    page.close()
    return sheet
