"""What is kept and what goes: nothing reachable is ever removed, everything else goes when nobody builds."""

from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.deployments.reachability import (
    EnvironmentImages,
    InstanceImage,
    ReleaseImage,
    plain,
    reasons,
    unreachable,
)

NAMES = [f"{number:064x}" for number in range(8)]
IMAGES = st.sampled_from([*NAMES, *(f"sha256:{name}" for name in NAMES[:4])])


@st.composite
def environments(draw: st.DrawFn) -> EnvironmentImages:
    images = draw(st.lists(IMAGES, max_size=12))
    releases = [ReleaseImage(number, image) for number, image in enumerate(images, 1)]
    some = st.sampled_from(releases or [ReleaseImage(1, NAMES[0])])
    instances = st.builds(
        InstanceImage, IMAGES, st.none() | st.integers(1, 12), leaving=st.booleans(), resting=st.booleans()
    )
    return EnvironmentImages(
        name=draw(st.sampled_from(["shop", "shop/pr-7", "blog"])),
        live=draw(st.none() | some),
        is_live=draw(st.booleans()),
        active=tuple(draw(st.lists(some, max_size=2))),
        instances=tuple(draw(st.lists(instances, max_size=4))),
        releases=tuple(reversed(releases)),
    )


def reached(environment: EnvironmentImages, kept: int) -> set[str]:
    """The rule once more, written the long way."""
    found = {plain(one.image) for one in (*environment.active, *environment.instances)}
    if environment.live is not None:
        found.add(plain(environment.live.image))
    newest: list[str] = []
    for release in environment.releases:
        if plain(release.image) not in newest:
            newest.append(plain(release.image))
    return found | set(newest[:kept])


@given(st.lists(environments(), max_size=3), st.sets(IMAGES), st.integers(1, 6))
def test_nothing_reachable_goes_and_everything_else_does(
    known: list[EnvironmentImages], reported: set[str], kept: int
) -> None:
    why = reasons(known, kept=kept)
    needed = set[str]().union(*(reached(environment, kept) for environment in known))
    gone = unreachable(reported, why, building=False)
    assert gone == {plain(image) for image in reported} - needed
    assert all(why[image] for image in needed)
    assert unreachable(reported, why, building=True) == frozenset()


@given(st.lists(environments(), min_size=1, max_size=3), st.sets(IMAGES))
def test_another_environment_never_makes_an_image_go(known: list[EnvironmentImages], reported: set[str]) -> None:
    fewer = unreachable(reported, reasons(known, kept=5), building=False)
    more = unreachable(reported, reasons(known[:-1], kept=5), building=False)
    assert fewer <= more


def test_the_reasons_are_sentences_of_people() -> None:
    a, b, c, d, e = NAMES[:5]
    shop = EnvironmentImages(
        name="shop",
        live=ReleaseImage(7, a),
        active=(ReleaseImage(8, b),),
        instances=(InstanceImage(c, 4, resting=True), InstanceImage(d, 2, leaving=True), InstanceImage(a, 7)),
        releases=(ReleaseImage(8, b), ReleaseImage(7, a), ReleaseImage(6, a), ReleaseImage(5, e)),
    )
    assert reasons([shop], kept=2) == {
        a: ["live in shop", "an instance of release 7 of shop exists", "release 7 of the last 2 of shop"],
        b: ["being deployed in shop", "release 8 of the last 2 of shop"],
        c: ["kept for instant rollback to release 4 of shop"],
        d: ["instance being removed in shop"],
    }


def test_five_distinct_images_are_kept_however_often_one_was_released() -> None:
    releases = [ReleaseImage(number, NAMES[number % 7]) for number in range(20, 0, -1)]
    why = reasons([EnvironmentImages(name="shop", releases=tuple(releases))], kept=5)
    assert set(why) == {NAMES[number % 7] for number in range(16, 21)}


def test_an_environment_that_was_forgotten_keeps_nothing() -> None:
    assert unreachable({NAMES[0]}, reasons([], kept=5), building=False) == {NAMES[0]}
