"""Checkout, context, build, base images."""
