"""Which images are kept, and why. Pure: facts in, reasons out. What has no reason goes, whatever its age."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True)
class ReleaseImage:
    """A release and its image."""

    number: int
    image: str


@dataclass(frozen=True)
class InstanceImage:
    """An instance that its worker has not reported as removed, and its image."""

    image: str
    release: int | None
    """Number of its deployment's release."""
    leaving: bool = False
    """It has a tombstone: the worker still has to remove it."""
    resting: bool = False
    """It is kept stopped."""


@dataclass(frozen=True)
class EnvironmentImages:
    """All that names images in one environment that exists; one that was forgotten for good names none."""

    name: str
    """For people: the project, and the environment's name unless it is production."""
    live: ReleaseImage | None = None
    """Of the live deployment; without one, of the deployment that was live last: a restored project begins there."""
    is_live: bool = True
    active: tuple[ReleaseImage, ...] = ()
    """Of deployments that are queued, building, starting or verifying."""
    instances: tuple[InstanceImage, ...] = ()
    releases: tuple[ReleaseImage, ...] = ()
    """Newest first."""


def plain(image: str) -> str:
    """Return an image's id without the name of its hash."""
    return image.removeprefix("sha256:")


def reasons(environments: Iterable[EnvironmentImages], *, kept: int) -> dict[str, list[str]]:
    """Return why each image is kept; `kept` is how many images of the newest releases an environment keeps."""
    why: defaultdict[str, list[str]] = defaultdict(list)
    for environment in environments:
        for image, reason in _of(environment, kept):
            if reason not in why[plain(image)]:
                why[plain(image)].append(reason)
    return dict(why)


def unreachable(reported: Iterable[str], why: Mapping[str, object], *, building: bool) -> frozenset[str]:
    """Return the images that go. None while the team builds on that worker: a build may just have found one of them."""
    return frozenset() if building else frozenset(plain(image) for image in reported) - why.keys()


def _of(environment: EnvironmentImages, kept: int) -> Iterable[tuple[str, str]]:
    name = environment.name
    if environment.live is not None:
        yield environment.live.image, f"live in {name}" if environment.is_live else f"was live last in {name}"
    for release in environment.active:
        yield release.image, f"being deployed in {name}"
    for instance in environment.instances:
        number = "an old release" if instance.release is None else f"release {instance.release}"
        if instance.leaving:
            yield instance.image, f"instance being removed in {name}"
        elif instance.resting:
            yield instance.image, f"kept for instant rollback to {number} of {name}"
        else:
            yield instance.image, f"an instance of {number} of {name} exists"
    newest: dict[str, int] = {}
    for release in environment.releases:
        newest.setdefault(plain(release.image), release.number)
    for image, newest_number in islice(newest.items(), kept):
        yield image, f"release {newest_number} of the last {kept} of {name}"
