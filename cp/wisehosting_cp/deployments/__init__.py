"""Builds, releases, deployments: status, planner, reconciler."""
