"""What is deleted waits for its end or for a way back; until then nothing of it changes."""

from wisehosting_cp.errors import Conflict
from wisehosting_cp.projects.models import Environment


def refuse_deleted(environment: Environment) -> None:
    """Raise Conflict when an environment is deleted: it must be restored before anything of it can be changed."""
    if environment.deleted_at is not None:
        raise Conflict("project_deleted", "This project is deleted. Restore it first, then repeat what you did.")
