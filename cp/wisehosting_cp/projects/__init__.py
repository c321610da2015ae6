"""Projects, environments, variables."""
