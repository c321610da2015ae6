"""The tenant network policy: rendered, loaded, probed."""
