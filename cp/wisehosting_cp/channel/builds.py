"""Build jobs as the wire says them."""

from uuid import UUID

import msgspec

from wisehosting_cp.jobs.models import Job
from wisehosting_cp.kit.keyring import Keyring, Purpose
from wisehosting_wire.fitting import fits
from wisehosting_wire.messages import JobAssigned, Message
from wisehosting_wire.workload import BuildLimits, BuildSettings, BuildSpec, EnvironmentRef, Source


def assignment(job: Job) -> JobAssigned:
    """Render a job from its payload, without the salt: the outbox holds no key.

    Raises ValueError for a payload that is none, or one so large that no frame could carry it.
    """
    payload = job.payload
    try:
        spec = BuildSpec(
            build=str(job.subject_id),
            environment=EnvironmentRef(
                id=payload["environment_id"],
                team=payload["team"],
                project=payload["project"],
                number=payload["environment_number"],
            ),
            source=Source(
                url=payload["url"],
                commit=payload["commit"],
                branch=payload["branch"],
                root_directory=payload.get("root_directory", ""),
                submodules=payload.get("submodules", False),
                large_files=payload.get("large_files", False),
                allow_loopback=payload.get("allow_loopback", False),
            ),
            settings=msgspec.convert(payload.get("build") or {}, BuildSettings),
            variables_version=payload["variables_version"],
            packages=payload.get("packages", ""),
            limits=msgspec.convert(payload.get("limits") or {}, BuildLimits),
        )
    except KeyError as error:
        raise ValueError(f"the job's payload lacks {error}") from error
    said = JobAssigned(
        job=str(job.id), attempt=job.attempt, build=msgspec.convert(msgspec.to_builtins(spec), BuildSpec)
    )
    if not fits(said):
        raise ValueError("it is too large to be sent; shorten the project's address, branch and folders")
    return said


def salted(message: Message, keyring: Keyring) -> Message:
    """Add the team's salt of build variables to an assignment on its way out; other messages pass."""
    if not isinstance(message, JobAssigned):
        return message
    salt = keyring.key(Purpose.build_variables, UUID(message.build.environment.team).bytes)
    return msgspec.structs.replace(message, build=msgspec.structs.replace(message.build, key_salt=salt))
