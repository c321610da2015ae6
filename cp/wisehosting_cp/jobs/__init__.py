"""Durable units of work for a worker."""
