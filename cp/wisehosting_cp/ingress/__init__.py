"""Which hostname leads to which instances."""
