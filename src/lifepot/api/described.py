"""The API's description: OpenAPI 3.1, with who may ask for what, and what every refusal looks like."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from lifepot.access.identity import Role
from lifepot.api.problems import TITLES, Problem

REFUSALS = (400, 401, 403, 404, 408, 409, 413, 422, 429, 503)
OPEN_REFUSALS = (400, 404, 408, 409, 413, 422, 429, 503)
"""Where nobody needs a key, nobody lacks one."""

ABOUT = """Lifepot's API for machines. Send a key: `Authorization: Bearer lp_…`. A key is for one payer, or for one of the scheme's own
people, and has a limit of requests a minute. Where a request changes something, send an `Idempotency-Key`: sent again with the
same key, it is answered as before and done once. Lists come in pages: follow `next` until there is none. Errors are
problem+json, with the codes of reply files. Amounts are whole minor units (pence)."""


def described(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema is None:
        said = get_openapi(title=f"Lifepot: {app.state.scheme.title}", version="1", summary="A scheme's API.", description=ABOUT,
                           routes=routes_of(app))  # fmt: skip
        parts = said.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        parts["schemas"].update(parts["schemas"]["Problem"].pop("$defs", {}))
        parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "A key, as `lp_…`"}}
        for route in routes_of(app):
            if route.include_in_schema:
                _say_who(said["paths"][route.path_format], route)
        app.openapi_schema = said
    return app.openapi_schema


def routes_of(app: FastAPI) -> list[APIRoute]:
    """All endpoints, of the API and of the pages."""
    found = [context.original_route for context in iter_route_contexts(app.routes)]
    return [one for one in found if isinstance(one, APIRoute)]


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
        operation["operationId"] = f"{route.tags[0] if route.tags else 'api'}.{route.name}"
        operation["summary"] = _first_sentence(operation["description"])
        for parameter in operation.get("parameters", ()):
            if parameter["name"].lower() == "idempotency-key":
                parameter["required"] = True
                parameter["schema"] = {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 200,
                    "pattern": "^[\\x20-\\x7e]+$",
                }
        for status in REFUSALS if roles else OPEN_REFUSALS:
            operation["responses"][str(status)] = {
                "description": TITLES[status],
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        if "429" in operation["responses"]:
            operation["responses"]["429"]["headers"] = {
                "Retry-After": {"description": "Seconds until it may be asked again.", "schema": {"type": "integer"}}
            }
        _say_answers(operation)


def _first_sentence(text: str) -> str:
    return text.replace("\n", " ").partition(". ")[0].partition(", as `")[0].partition(": ")[0].rstrip(".")[:100]


def _say_answers(operation: dict[str, Any]) -> None:
    """What is answered: an example that was really answered, and its shape."""
    example = examples().get(operation["operationId"])
    if example is None:
        return
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json")
        if status == str(example["status"]):
            content = (
                answer.setdefault("content", {}).setdefault("application/json", {}) if content is None else content
            )
        if status.startswith("2") and content is not None:
            if "$ref" not in content.get("schema", {}):
                content["schema"] = shape_of(example["body"]) if status == str(example["status"]) else {}
            if status == str(example["status"]):
                content["example"] = example["body"]
    if "request" in example and "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example["request"]


@cache
def examples() -> dict[str, Any]:
    """What each operation was asked and answered when the examples were made (tests/test_api_tour.py makes them), by its id."""
    found: dict[str, Any] = json.loads(files("lifepot.api").joinpath("examples.json").read_text(encoding="utf-8"))
    return found


def shape_of(found: Any) -> dict[str, Any]:
    """The schema of an answer by one that was given: the names of an object are those it has; any may be null elsewhere."""
    match found:
        case bool():
            return {"type": ["boolean", "null"]}
        case int():
            return {"type": ["integer", "null"]}
        case float():
            return {"type": ["number", "null"]}
        case str():
            return {"type": ["string", "null"]}
        case list():
            kinds = {json.dumps(shape_of(one), sort_keys=True) for one in found}
            return {"type": ["array", "null"], "items": json.loads(kinds.pop()) if len(kinds) == 1 else {}}
        case dict():
            if not found or not all(name.isidentifier() for name in found):
                return {"type": ["object", "null"]}
            return {"type": ["object", "null"], "properties": {name: shape_of(one) for name, one in found.items()}}
    return {}
