"""API tokens: what programs come with."""
