"""Rotation of keys, purpose by purpose, while everything runs."""
