"""The provider's pages: no script, light and dark."""

from html import escape

from starlette.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · WiseHosting</title>
<style>
:root {{ color-scheme: light dark; --back: #fbfcfc; --card: #fff; --text: #1c2224; --muted: #5d686b; --line: #d5dbdc;
--accent: #0b7a75; --on: #fff; --bad: #b42318; }}
@media (prefers-color-scheme: dark) {{ :root {{ --back: #0c0e10; --card: #131618; --text: #e8ecec; --muted: #98a3a6;
--line: #2b3235; --accent: #4fc4bd; --on: #06201f; --bad: #f97066; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text);
font: 14px/20px Inter, system-ui, sans-serif; }}
main {{ width: min(24rem, calc(100vw - 2rem)); background: var(--card); border: 1px solid var(--line);
border-radius: 10px; padding: 24px; }}
h1 {{ font-size: 16px; line-height: 24px; font-weight: 600; margin: 0 0 4px; }}
p {{ margin: 0 0 16px; color: var(--muted); }} .bad {{ color: var(--bad); }}
label {{ display: block; font-weight: 500; margin: 0 0 12px; }}
input {{ display: block; width: 100%; margin-top: 4px; padding: 8px; font: inherit; color: inherit;
background: var(--back); border: 1px solid var(--line); border-radius: 6px; }}
button {{ font: inherit; font-weight: 500; padding: 8px 12px; border: 0; border-radius: 6px; background: var(--accent);
color: var(--on); cursor: pointer; }}
:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; }}
code {{ font: 12px/16px "JetBrains Mono", ui-monospace, monospace; }} a {{ color: var(--accent); }}
small {{ display: block; margin-top: 16px; color: var(--muted); font-size: 12px; line-height: 16px; }}
</style></head><body><main>{body}</main></body></html>
"""


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status_code=status)


def sign_in(query: str, *, name: str = "", refused: str = "", status: int = 200) -> HTMLResponse:
    """Build the page that asks for name and password; `query` is the authorization request to go on with."""
    complaint = f'<p class="bad" role="alert">{escape(refused)}</p>' if refused else ""
    return _page(
        "Sign in",
        f"""<h1>Sign in to WiseHosting</h1><p>This is the sign-in of a platform on this machine.</p>{complaint}
<form method="post" action="/sign-in"><input type="hidden" name="query" value="{escape(query)}">
<label>Name<input name="name" value="{escape(name)}" autocomplete="username" required autofocus></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button></form>
<small>You started the platform? Open the one-use sign-in link that <code>./dev up</code> printed; starting again prints a
new one. More people: <code>wh-cp local-user add NAME</code></small>""",
        status,
    )


def signed_in(full_name: str, login_url: str) -> HTMLResponse:
    """Build the page of somebody signed in at the provider."""
    return _page(
        "Signed in",
        f"""<h1>Signed in as {escape(full_name)}</h1><p><a href="{escape(login_url)}">Go on to the dashboard</a></p>
<form method="post" action="/sign-out"><button>Sign out here</button></form>""",
    )


def refused(title: str, sentence: str, status: int) -> HTMLResponse:
    """Build the page that says why not."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>", status)
