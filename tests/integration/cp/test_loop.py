"""What a request is made of runs on the loop: FastAPI calls what is not `async` in a thread, at the price of a short request."""

import inspect
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts


def _calls(dependant: Any) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


def _on_the_loop(call: Any) -> bool:
    found = call if inspect.isroutine(call) else type(call).__call__
    return inspect.iscoroutinefunction(found) or inspect.isasyncgenfunction(found)


def test_no_route_and_no_dependency_runs_in_a_thread(app: FastAPI) -> None:
    routes = [route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute)]
    assert len(routes) > 60
    threaded = {
        f"{route.path}: {call}"
        for route in routes
        for call in _calls(route.dependant)
        if call and not _on_the_loop(call)
    }
    assert threaded == set()
