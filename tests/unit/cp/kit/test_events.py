"""Who comes back hears what was published meanwhile, or that nobody knows any more."""

from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.kit.events import Events

TOPICS = st.sampled_from(["project:1", "project:2", "deployment:1", "worker:1", "routes"])
WANTED = ("project:*", "deployment:1")


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _wanted(topics: list[str]) -> set[str]:
    return {topic for topic in topics if topic.startswith("project:") or topic == "deployment:1"}


@given(before=st.lists(TOPICS, max_size=12), after=st.lists(TOPICS, max_size=12), kept=st.integers(1, 10))
def test_nothing_published_after_a_position_is_left_out(before: list[str], after: list[str], kept: int) -> None:
    events = Events(kept)
    events.publish(before)
    position = events.position
    events.publish(after)
    told = events.after(position, *WANTED)
    if len(after) > kept:
        assert told is None
    else:
        assert told is not None
        assert set(told) == _wanted(after)
        assert len(told) == len(set(told))


@given(old=st.lists(TOPICS, max_size=12), new=st.lists(TOPICS, max_size=12), kept=st.integers(1, 10))
def test_nothing_published_within_the_seconds_asked_for_is_left_out(old: list[str], new: list[str], kept: int) -> None:
    watch = Watch()
    events = Events(kept, watch)
    watch.now += 1
    events.publish(old)
    watch.now += 10
    events.publish(new)
    told = events.within(5, *WANTED)
    if len(new) >= kept:
        assert told is None
    else:
        assert told is not None
        assert set(told) == _wanted(new)
    assert events.within(20, *WANTED) is None, "before this process nobody listened"


def test_a_position_of_another_process_or_of_none_tells_nothing() -> None:
    events, other = Events(), Events()
    other.publish(["project:1"])
    for position in (other.position, "", "-", "x-1", "-1", f"{events.position[:-1]}9", "1"):
        assert events.after(position, "project:*") is None, position
    assert events.after(events.position, "project:*") == []
