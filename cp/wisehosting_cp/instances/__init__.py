"""Containers that should exist and what became of them."""
