"""Reading the audit trail; recording it is kit/audit.py."""
