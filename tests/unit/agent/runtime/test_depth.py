"""How many layers can be stacked, and the names by which a store knows the layers of another."""

from pathlib import Path

from wisehosting_agent.runtime.depth import LINKS, link_layers, most_layers

OWN = "OWN"
OTHER = "OTHER"


def layer(store: Path, name: str) -> Path:
    diff = store / "overlay" / f"id-{name}" / "diff"
    diff.mkdir(parents=True)
    (store / LINKS).mkdir(exist_ok=True)
    (store / LINKS / name).symlink_to(f"../id-{name}/diff")
    return diff


def names(store: Path) -> set[str]:
    return {link.name for link in (store / LINKS).iterdir()}


def test_layers_of_other_stores_have_names_in_this_one_however_often_it_is_said(tmp_path: Path) -> None:
    store, other = tmp_path / "stores" / "teams" / "0000", tmp_path / "stores" / "bases"
    layer(store, OWN)
    diff = layer(other, OTHER)
    for _ in range(2):
        link_layers(store, [other, tmp_path / "nothing"])
    assert names(store) == {OWN, OTHER}
    assert (store / LINKS / OTHER).resolve() == diff
    # The storage also looks from a folder beside that of the links.
    (store / "overlay" / "link").mkdir()
    assert (store / "overlay" / "link" / (store / LINKS / OTHER).readlink()).resolve() == diff


def test_names_of_layers_that_are_gone_go_and_the_stores_own_stay(tmp_path: Path) -> None:
    store, other = tmp_path / "team", tmp_path / "bases"
    own, diff = layer(store, OWN), layer(other, OTHER)
    link_layers(store, [other])
    diff.rmdir()
    own.rmdir()
    (other / LINKS / OTHER).unlink()
    link_layers(store, [other])
    assert names(store) == {OWN}


def test_a_store_that_holds_nothing_yet_is_left_alone(tmp_path: Path) -> None:
    layer(tmp_path / "bases", OTHER)
    link_layers(tmp_path / "team", [tmp_path / "bases"])
    assert not (tmp_path / "team").exists()


def test_longer_paths_of_the_storage_leave_room_for_fewer_layers(tmp_path: Path) -> None:
    assert most_layers(Path("/var/lib/wisehosting/containers/stores/runtime")) in range(20, 26)
    assert most_layers(Path("/" + "x" * 500)) < most_layers(Path("/x"))
