"""The protocol between control plane and worker agents."""
