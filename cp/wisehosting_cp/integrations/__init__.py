"""Vendor HTTP: requests out, dataclasses in."""
