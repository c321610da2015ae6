"""The API's description: what FastAPI says of the routes, with the problems that each may answer and what takes a step-up.

One place for all routes: what may go wrong follows from what a route is, and no route has to say it.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from wisehosting_cp.accounts.access import Declaration, declared
from wisehosting_cp.accounts.dangers import DANGERS
from wisehosting_cp.kit.etag import Stale
from wisehosting_cp.kit.guard import BodyTooLarge
from wisehosting_cp.kit.security import UNSAFE_METHODS

PROBLEM = "application/problem+json"
STEP_UP = "x-step-up"


class Problem(BaseModel):
    """Why a request was not answered as asked (RFC 9457), in a sentence that says what to do."""

    type: str
    title: str
    status: int
    code: str
    """For programs: `name_taken`."""
    detail: str
    """For people."""
    request_id: str
    fields: dict[str, str] | None = None
    """Which fields of the request are meant, each with its own sentence."""


SAYS: dict[int, str] = {
    400: "Understood, and not acceptable: the sentence says why.",
    401: "Nobody is signed in, or the token does not work (any more).",
    403: "Signed in, and not allowed: the role, the token's scope or a step-up is missing, or another site asks.",
    404: "There is no such thing, or it is not yours: the answer is the same.",
    409: "The state of things does not allow it.",
    412: "It was changed since it was read: `If-Match` names another version.",
    413: "More bytes than are read.",
    422: "The request has another shape; `fields` names where.",
    429: "Over a limit; `Retry-After` says when to try again.",
    500: "A failure of ours; the log has the request's id.",
    503: "A part that is needed does not answer. Try again.",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Describe the app's API in OpenAPI."""
    described = get_openapi(
        title=app.title,
        version=app.version,
        routes=app.routes,
        separate_input_output_schemas=app.separate_input_output_schemas,
    )
    says = {
        (route.path, method.lower()): declared(route.dependant)
        for route in iter_route_contexts(app.routes)
        if hasattr(route.original_route, "dependant")
        for method in route.methods or ()
    }
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            known = says[path, method]
            for status in sorted(problems(path, method, operation, known)):
                operation["responses"][str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
            if not _takes_shape(operation):
                operation["responses"].pop("422", None)
            operation["responses"] = dict(sorted(operation["responses"].items()))
            danger = DANGERS.get(operation["operationId"])
            if danger is not None:
                operation[STEP_UP] = danger.when or "always"
    components = described.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    components["schemas"] = dict(sorted(schemas.items()))
    components["responses"] = {
        _name(status): {
            "description": sentence,
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, sentence in SAYS.items()
    }
    return described


def problems(path: str, method: str, operation: dict[str, Any], says: set[Declaration]) -> Iterator[int]:
    """Yield the statuses with which a route may answer a problem."""
    # A wrong Host, a cursor or value that means nothing; too many of one address or person; what is not up to the asker.
    yield from (400, 429, 500, 503)
    unsafe = method.upper() in UNSAFE_METHODS
    if "public" not in says:
        yield 401
    if unsafe or "public" not in says:
        yield 403
    if unsafe or "{" in path or _names_thing(operation):
        yield 404
    if unsafe:
        yield from (409, BodyTooLarge.status)
    if any(parameter["name"].lower() == "if-match" for parameter in operation.get("parameters", [])):
        yield Stale.status
    if _takes_shape(operation):
        yield 422


def _names_thing(operation: dict[str, Any]) -> bool:
    """Whether a parameter is the id of a thing that may not be there."""
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        if any(each.get("format") == "uuid" for each in (schema, *schema.get("anyOf", ()))):
            return True
    return False


def _takes_shape(operation: dict[str, Any]) -> bool:
    """Whether there is something whose shape can be wrong. A path that is no id names nothing, which is a 404."""
    return "requestBody" in operation or any(each["in"] != "path" for each in operation.get("parameters", []))


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "").replace("-", "")
