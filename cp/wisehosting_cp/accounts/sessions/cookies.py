"""The cookies that prove who a browser's person is: given, and taken away."""

from datetime import datetime

from starlette.responses import Response

from wisehosting_cp.kit.context import Context


def set_cookie(answer: Response, ctx: Context, name: str, value: str, expires_at: datetime) -> None:
    """Give a browser a cookie that proves who it is."""
    answer.set_cookie(
        name,
        value,
        max_age=int((expires_at - ctx.clock.now()).total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=ctx.settings.secure_cookies,
    )


def drop_cookie(answer: Response, ctx: Context, name: str) -> None:
    """Take a cookie from a browser, with the attributes it was given with: without them it would stay."""
    answer.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=ctx.settings.secure_cookies)
