"""Repositories: resolve a ref."""
