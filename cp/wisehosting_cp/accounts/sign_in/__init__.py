"""The way in: the provider, and the half sign-in that a second factor ends."""
