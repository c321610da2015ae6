"""The one page that is not the dashboard's: a sign-in that did not work."""

from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from wisehosting_cp.kit.security import local_path

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign-in did not work · WiseHosting</title>
<style>
:root {{ color-scheme: light dark; --back: #fbfcfc; --text: #1c2224; --muted: #5d686b; --line: #dfe4e5; --accent: #0b7a75; }}
@media (prefers-color-scheme: dark) {{
:root {{ --back: #0c0e10; --text: #e8ecec; --muted: #98a3a6; --line: #262c2f; --accent: #4fc4bd; }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text);
font: 14px/20px Inter, system-ui, sans-serif; }}
main {{ width: min(26rem, calc(100vw - 2rem)); border: 1px solid var(--line); border-radius: 10px; padding: 24px;
box-sizing: border-box; }}
h1 {{ font-size: 16px; line-height: 24px; font-weight: 600; margin: 0 0 8px; }}
p {{ margin: 0 0 16px; }} a {{ color: var(--accent); }} small {{ color: var(--muted); font-size: 12px; }}
</style></head><body><main>
<h1>Sign-in did not work</h1><p>{sentence}</p><p><a href="{again}">Sign in again</a></p>
<small>Request {request_id}</small></main></body></html>
"""


def sign_in_failed(sentence: str, *, next_path: str | None, status: int, request_id: str) -> HTMLResponse:
    """Build the page that says why, and offers another try that leads where the first was to lead."""
    again = f"/auth/login?{urlencode({'next': local_path(next_path)})}"
    page = _PAGE.format(sentence=escape(sentence), again=escape(again), request_id=escape(request_id))
    return HTMLResponse(page, status_code=status)
