"""The hub: the only room that speaks wire."""
