"""What control plane and agents share: the protocol, and what is a secret in a log."""
