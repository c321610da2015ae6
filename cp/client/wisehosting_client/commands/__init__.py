"""The commands of `wh`, one module a noun."""
