"""Routes: the port, and HAProxy behind it."""
