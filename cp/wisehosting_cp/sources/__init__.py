"""What starts a deployment: hook, poll, call."""
