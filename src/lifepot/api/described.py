"""The API's description: OpenAPI 3.1, with who may ask for what, and what every refusal looks like."""

from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from lifepot.access.identity import Role
from lifepot.api.problems import TITLES, Problem

REFUSALS = (400, 401, 403, 404, 409, 422, 429, 503)

ABOUT = """Lifepot's API for machines. Send a key: `Authorization: Bearer lp_…`. A key is for one payer, or for one of the scheme's own
people, and has a limit of requests a minute. Where a request changes something, send an `Idempotency-Key`: sent again with the
same key, it is answered as before and done once. Lists come in pages: follow `next` until there is none. Errors are
problem+json, with the codes of reply files. Amounts are whole minor units (pence)."""


def described(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema is None:
        said = get_openapi(title=f"Lifepot: {app.state.scheme.title}", version="1", summary="A scheme's API.", description=ABOUT,
                           routes=[one for one in app.routes if isinstance(one, APIRoute)])  # fmt: skip
        parts = said.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        parts["schemas"].update(parts["schemas"]["Problem"].pop("$defs", {}))
        parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "A key, as `lp_…`"}}
        for route in app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                _say_who(said["paths"][route.path_format], route)
        app.openapi_schema = said
    return app.openapi_schema


def roles_of(route: APIRoute) -> frozenset[Role] | None:
    """Who may ask for a route: the roles, none for everybody. None where the route does not say, which no route may."""
    found = [call.roles for call in _calls(route.dependant) if hasattr(call, "roles")]
    return found[0] if len(found) == 1 else None


def _calls(dependant: Dependant) -> list[Any]:
    return [call for one in dependant.dependencies for call in [one.call, *_calls(one)]]


def _say_who(path: dict[str, Any], route: APIRoute) -> None:
    roles = roles_of(route)
    for method in route.methods or ():
        operation = path[method.lower()]
        operation["x-roles"] = sorted(roles or [])
        operation["security"] = [{"key": []}] if roles else []
        for status in REFUSALS:
            operation["responses"][str(status)] = {
                "description": TITLES[status],
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
