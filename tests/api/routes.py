"""What routes an application has, read from the application itself."""

from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.http.auth import declared_scopes


class Operation(NamedTuple):
    """One method of one route."""

    method: str
    path: str
    scopes: frozenset[str]

    def path_for(self, value: str) -> str:
        """Return the path with `value` in every place."""
        steps = [value if step.startswith("{") else step for step in self.path.split("/")]
        return "/".join(steps)


def operations(app: FastAPI) -> list[Operation]:
    """Return every operation of every route that is not a folder of files."""
    found: list[Operation] = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            scopes = declared_scopes(route.dependant)
            found += [Operation(method, route.path, scopes) for method in sorted(route.methods or ())]
    return found


def private_operations(app: FastAPI) -> list[Operation]:
    """Return the operations that need a key."""
    return [operation for operation in operations(app) if operation.path.startswith("/v1/")]
