"""Log files become chunks."""
