"""Second factors: authenticator apps, passkeys, recovery codes, proving one again, and what is done when all are lost."""
