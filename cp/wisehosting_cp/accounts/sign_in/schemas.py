"""What the API says of a sign-in on its way."""

from datetime import datetime

from pydantic import BaseModel

from wisehosting_cp.accounts.second_factor.schemas import FactorsView


class HalfSignedInView(BaseModel):
    """Who is about to sign in, and what they can give as a second factor."""

    name: str
    email: str
    factors: FactorsView
    expires_at: datetime
    """Until when it can be given; after that, sign in again."""


class SignInDone(BaseModel):
    """The second factor was right, and this browser is signed in."""

    next: str
    """The path to go on to."""
    recovery_codes: int
    """How many are left."""
    reset_at: datetime | None
    """When the second factor is taken away because an operator was told that it is lost; null normally. Not lost? Cancel."""


class WayIn(BaseModel):
    """Where to go next to accept an invitation."""

    location: str
