"""Users, personal teams, sessions, API tokens."""
