"""REST client and command line of WiseHosting."""
