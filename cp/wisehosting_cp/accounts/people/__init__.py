"""Everybody with an account, as an operator sees them."""
