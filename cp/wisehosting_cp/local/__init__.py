"""./dev up: everything on one machine."""
