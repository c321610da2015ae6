"""What the agent must not forget: SQLite, one thread, one transaction per change."""
