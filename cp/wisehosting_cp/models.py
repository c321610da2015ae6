"""All tables, for Alembic."""

from wisehosting_cp.accounts import models as accounts
from wisehosting_cp.accounts.second_factor import models as second_factor
from wisehosting_cp.deployments import models as deployments
from wisehosting_cp.ingress import models as ingress
from wisehosting_cp.instances import models as instances
from wisehosting_cp.jobs import models as jobs
from wisehosting_cp.kit import audit, key_versions
from wisehosting_cp.kit.db import Model
from wisehosting_cp.projects import models as projects
from wisehosting_cp.sources import models as sources
from wisehosting_cp.telemetry import models as telemetry
from wisehosting_cp.workers import models as workers

metadata = Model.metadata

__all__ = [
    "accounts",
    "audit",
    "deployments",
    "ingress",
    "instances",
    "jobs",
    "key_versions",
    "metadata",
    "projects",
    "second_factor",
    "sources",
    "telemetry",
    "workers",
]
