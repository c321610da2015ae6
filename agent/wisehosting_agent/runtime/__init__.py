"""Containers: the port, and Podman behind it."""
