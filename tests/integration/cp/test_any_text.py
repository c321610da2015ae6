"""Every text field of every request body, found in the API's own description, with texts that try to be obeyed."""

import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from typing import Any

import httpx2
import pytest
from injections import PAYLOADS

pytestmark = pytest.mark.anyio

People = Callable[..., Awaitable[Any]]
Place = tuple[str | int, ...]
PER_FIELD = 12
LEFT_OUT = {"plan_build": "goes out to a repository"}
VALID = {"name": "shop", "url": "https://example.org/shop.git", "branch": "main"}


def _resolved(schema: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _resolved(known[schema["$ref"].rpartition("/")[2]], known)
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            return _resolved(next(one for one in schema[choices] if one.get("type") != "null"), known)
    return schema


def _sample(schema: dict[str, Any], known: dict[str, Any], name: str = "") -> Any:
    """A small value with every field in it, so that each text has a place."""
    schema = _resolved(schema, known)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object" if "properties" in schema:
            return {key: _sample(one, known, key) for key, one in schema["properties"].items()}
        case "object":
            inner = schema.get("additionalProperties")
            return {"KEY": _sample(inner, known, "KEY")} if isinstance(inner, dict) else {}
        case "array":
            return [_sample(schema["items"], known, name)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            return VALID.get(name, "text")


def _texts(value: Any, place: Place = ()) -> Iterator[Place]:
    if isinstance(value, str):
        yield place
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, (*place, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _texts(one, (*place, index))


def _with(body: Any, place: Place, text: str) -> Any:
    changed = deepcopy(body)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = text
    return changed


def _least(schema: dict[str, Any], known: dict[str, Any], body: Any, place: Place) -> Any:
    """What must be there, and the way to one place: nothing else may be the reason of a refusal."""
    schema = _resolved(schema, known)
    if isinstance(body, dict) and "properties" in schema:
        needed = {*schema.get("required", ()), *place[:1]}
        return {
            key: _least(schema["properties"][key], known, one, place[1:] if place[:1] == (key,) else ())
            for key, one in body.items()
            if key in needed
        }
    return body


def _bodies(described: dict[str, Any]) -> Iterator[tuple[str, str, str, Place, Any]]:
    known = described["components"]["schemas"]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content and operation["operationId"] not in LEFT_OUT:
                whole = _sample(content["schema"], known)
                for place in _texts(whole):
                    yield operation["operationId"], method, path, place, _least(content["schema"], known, whole, place)


async def _paths(ada: Any) -> dict[str, str]:
    team = (await ada.browser.post("/api/v1/teams", json={"name": "crew"})).json()
    body = {"name": "mine", "source": {"url": "https://example.org/shop.git"}, "deploy": False}
    project = (await ada.browser.post("/api/v1/projects", json=body)).json()
    ids = {"project_id": project["id"], "environment_id": project["environments"][0]["id"], "team_id": team["id"]}
    return {**ids, "user_id": str(ada.user_id), "passkey_id": str(ada.user_id)}


def _inert(answer: httpx2.Response, place: Place, text: str) -> bool:
    """A refusal is a problem that a person can act on; what was taken comes back as it went in, or not at all."""
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["detail"], place
    assert "\n" not in "".join(answer.headers.values()), (place, text)
    return answer.status_code < 500


async def _walk(people: People, per_field: int) -> Counter[int]:
    ada = await people("ada", operator=True)
    described = (await ada.browser.get("/api/openapi.json")).json()
    ids = await _paths(ada)
    payloads = itertools.cycle(PAYLOADS.items())
    told: Counter[int] = Counter()
    fields: set[tuple[str, Place]] = set()
    for operation, method, path, place, body in _bodies(described):
        fields.add((operation, place))
        for name, text in itertools.islice(payloads, per_field):
            # a name that is taken would be the reason of every refusal but the first
            free = body | {"name": f"shop-{told.total()}"} if "name" in body else body
            sent = _with(free, place, text)
            answer = await ada.script.request(method, path.format(**ids), json=sent)
            told[answer.status_code] += 1
            assert _inert(answer, place, text), (operation, place, name, answer.text[:500])
            if answer.status_code == 422:
                named = str(next(step for step in reversed(place) if isinstance(step, str)))
                assert named in answer.text, (operation, place, name, answer.text[:500])
    print(f"{len(fields)} text fields, {told.total()} texts: {dict(told)}")  # noqa: T201 - the figure belongs to the test
    return told


async def test_no_text_in_any_field_is_a_failure_of_ours(people: People) -> None:
    told = await _walk(people, PER_FIELD)
    # Neither a walk that nobody may take nor one whose bodies are wrong for another reason says anything.
    assert told[200] + told[201] >= 50
    assert told[422] >= 100


@pytest.mark.long
async def test_none_of_all_texts_in_any_field_is_either(people: People) -> None:
    await _walk(people, len(PAYLOADS))
