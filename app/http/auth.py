"""Let a request in by its API key, and only where the key's scopes reach."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from starlette.types import Scope as ASGIScope

from app.errors import Forbidden
from app.http.services import Services, TheStore
from app.store import Caller, Scope

_bearer = HTTPBearer(
    scheme_name="ApiKey",
    bearerFormat="API key",
    description="A key made by `star-coach keys create --user NAME`; it is shown once, when it is made.",
    auto_error=False,
)


async def authenticate(
    needed: SecurityScopes,
    store: TheStore,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Return whom the request speaks for.

    Raises:
        Unauthenticated: There is no valid key in the Authorization header; a key is looked for nowhere else.
        Forbidden: The key lacks a scope.
    """
    caller = await store.keys.authenticate(credentials.credentials if credentials else None)
    _check_scopes(caller, needed.scopes)
    return caller


async def admit_large_body(scope: ASGIScope) -> None:
    """Let a body beyond the usual size in only with a key that may hand in batches.

    Raises:
        Unauthenticated: There is no valid key.
        Forbidden: The key lacks the scope.
    """
    services: Services = scope["app"].state.services
    credentials = await _bearer(Request(scope))
    caller = await services.store.keys.authenticate(credentials.credentials if credentials else None)
    _check_scopes(caller, [Scope.BATCH.value])


def _check_scopes(caller: Caller, needed: Sequence[str]) -> None:
    missing = [scope for scope in needed if scope not in caller.scopes]
    if missing:
        raise Forbidden(f"This needs a key with the scope {', '.join(missing)}.", slug="forbidden")


Reader = Annotated[Caller, Security(authenticate, scopes=[Scope.READ.value])]
Evaluator = Annotated[Caller, Security(authenticate, scopes=[Scope.EVALUATE.value])]
Batcher = Annotated[Caller, Security(authenticate, scopes=[Scope.BATCH.value])]
Eraser = Annotated[Caller, Security(authenticate, scopes=[Scope.ERASE.value])]


class ScopedRoute(APIRoute):
    """A route that can't be made without saying which scope it needs."""

    def __init__(self, path: str, *args: Any, **options: Any) -> None:
        super().__init__(path, *args, **options)
        if not declared_scopes(self.dependant):
            raise TypeError(f"{path}: the first parameter must be a caller with a scope, such as Reader")


def declared_scopes(dependant: Dependant) -> frozenset[str]:
    """Return the scopes that a route asks of its caller."""
    return frozenset(
        scope
        for dependency in dependant.dependencies
        if dependency.call is authenticate
        for scope in dependency.own_oauth_scopes or ()
        if scope in set(Scope)
    )
