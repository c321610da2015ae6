"""What can go wrong on a worker. Every error that ends a deployment carries its reason; the sentence says what to do.

AgentError
├── ConfigurationError     settings or host cannot work; names the fix
├── EnrolmentError         registration or refresh was refused
├── RuntimeUnavailable     Podman does not answer
├── RuntimeRefused         Podman refused an order
├── IsolationBroken        a container does not have the profile it was created with: it gets no traffic
├── IngressError           HAProxy does not answer, or refused a command
├── DiskUnknown            the image stores cannot be read, measured or changed now; the next look tries again
├── FirewallError          the tenant policy is not in force: no work is taken
└── WorkFailed             a build or start ended for a reason that belongs to the deployment
    └── BaseUnavailable    a base image cannot be made on this worker now
"""

from wisehosting_agent.reasons import Reason
from wisehosting_wire.facts import BuildReport


class AgentError(Exception):
    """Base of all errors of the agent."""


class ConfigurationError(AgentError):
    """Settings or host cannot work; the message names the command or setting that fixes it."""


class EnrolmentError(AgentError):
    """The control plane refused this worker."""


class RuntimeUnavailable(AgentError):
    """Podman does not answer; what runs goes on."""


class RuntimeRefused(AgentError):
    """Podman answered with an error."""


class IsolationBroken(AgentError):
    """The running container differs from the profile."""


class IngressError(AgentError):
    """HAProxy cannot be driven."""


class DiskUnknown(AgentError):
    """The image stores cannot be read, measured or changed now."""


class FirewallError(AgentError):
    """The tenant policy could not be loaded or does not hold."""


class WorkFailed(AgentError):
    """A build or an instance failed for a reason people must see."""

    def __init__(self, reason: Reason, detail: str, report: BuildReport | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.report = report or BuildReport()
        """Of a build that had begun."""


class BaseUnavailable(WorkFailed):
    """A base image of ours cannot be made now: another version of it may do."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            Reason.base_image_missing,
            f"The base image {name} could not be made on this worker. {why} Deploy again when an operator has fixed it.",
        )
        self.name = name
        self.why = f"its base image could not be made on this worker: {why.rstrip('.')}"
        """The end of a sentence that begins with what was taken instead."""
