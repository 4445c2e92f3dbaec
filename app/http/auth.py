"""Let a request in by its API key, and only where the key's scopes reach."""

from typing import Annotated, Any

from fastapi import Depends, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from app.errors import Forbidden
from app.http.services import TheStore
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
    missing = [scope for scope in needed.scopes if scope not in caller.scopes]
    if missing:
        raise Forbidden(f"This needs a key with the scope {', '.join(missing)}.", slug="forbidden")
    return caller


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
