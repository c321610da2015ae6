"""Control plane of WiseHosting."""
