"""pyinfra deploys of a WiseHosting fleet: arrive with the fleet issue; the package holds the name and the install border."""
