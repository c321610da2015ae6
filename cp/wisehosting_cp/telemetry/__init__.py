"""Log chunks of builds and instances."""
