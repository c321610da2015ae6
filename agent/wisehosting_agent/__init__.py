"""Worker agent of WiseHosting."""
