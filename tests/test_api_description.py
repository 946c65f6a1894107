"""The API's description: whole, with examples that were really answered, and true to the code."""

from typing import Any

import jsonschema_rs
import pytest
from tests.served import Served

from lifepot.access.identity import Role
from lifepot.api.described import described, examples, routes_of


@pytest.fixture
def said(served: Served) -> dict[str, Any]:
    """The description, as it is served."""
    answer = served.machine("").get("/api/v1/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def operations(said: dict[str, Any]) -> list[dict[str, Any]]:
    """Every operation, with its method and path."""
    return [one | {"at": (method, path)} for path, ops in said["paths"].items() for method, one in ops.items()]


def test_it_is_an_openapi_document_of_3_1(said: dict[str, Any]) -> None:
    """FastAPI's models of OpenAPI 3.1 took it, every schema in it is one of JSON Schema 2020-12, and every reference leads somewhere."""
    assert said["openapi"].startswith("3.1")
    for name, schema in said["components"]["schemas"].items():
        jsonschema_rs.meta.validate(schema)
        assert schema.get("description") or name in {"HTTPValidationError", "ValidationError"}, name
    for reference in references(said):
        at: Any = said
        for part in reference.removeprefix("#/").split("/"):
            at = at[part]


def references(found: Any) -> list[str]:
    """Every reference in a document, but for those that examples show."""
    if isinstance(found, dict):
        mine = [found["$ref"]] if isinstance(found.get("$ref"), str) else []
        return mine + [one for name, part in found.items() if name != "example" for one in references(part)]
    return [one for part in found for one in references(part)] if isinstance(found, list) else []


def test_every_operation_says_what_it_is(said: dict[str, Any]) -> None:
    """Each has an id of its own, a sentence, roles, refusals as problem+json, and an example of what it answers, true to its schema."""
    found = operations(said)
    assert len({one["operationId"] for one in found}) == len(found)
    for one in found:
        assert one["summary"], one["at"]
        assert one["description"].strip().endswith((".", "`")), one["at"]
        assert set(one["x-roles"]) <= {role.value for role in Role}
        assert (one["security"] == []) == (one["x-roles"] == [])
        refusals = {status: answer for status, answer in one["responses"].items() if not status.startswith("2")}
        assert {"400", "404", "409", "422", "429"} <= set(refusals)
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals.values())
    for one in found:
        fine = {status: answer for status, answer in one["responses"].items() if status.startswith("2")}
        shown = [
            content["example"]
            for answer in fine.values()
            for kind, content in answer.get("content", {}).items()
            if kind == "application/json" and "example" in content
        ]
        kinds = {kind for answer in fine.values() for kind in answer.get("content", {})}
        if "application/json" in kinds and one["operationId"] in examples():
            assert shown, one["at"]
        assert kinds, one["at"]


def test_examples_are_as_the_schemas_say(said: dict[str, Any]) -> None:
    """Each example of a request or an answer is one by its own schema."""
    for one in operations(said):
        places = [*one["responses"].values(), *([one["requestBody"]] if "requestBody" in one else [])]
        for content in (content for place in places for content in place.get("content", {}).values()):
            if "example" in content:
                schema = content["schema"] | {"components": said["components"]}
                assert jsonschema_rs.is_valid(schema, content["example"]), (one["at"], content["example"])


def test_there_is_an_example_of_all_but_those_that_are_not_toured(said: dict[str, Any]) -> None:
    """What the tour asks for has its example; nothing that is gone has one."""
    from tests.test_api_tour import NOT_TOURED

    ids = {one["operationId"] for one in operations(said)}
    assert set(examples()) == ids - set(NOT_TOURED)


def test_whatever_changes_something_asks_for_a_key(said: dict[str, Any]) -> None:
    """A POST takes an Idempotency-Key, but for a gig, whose job number is one, and for what changes nothing."""
    without = {
        one["operationId"]
        for one in operations(said)
        if one["at"][0] != "get"
        and not any(
            each["name"].lower() == "idempotency-key" and each["required"] for each in one.get("parameters", ())
        )
    }
    assert without == {
        "gigs.tell", "files.preview", "members.find", "withdrawals.quoted", "rulebooks.check", "rulebooks.diff", "trying.entitled",
        "trying.reasons", "trying.quoted", "trying.answered", "trying.loan", "trying.sample",
    }  # fmt: skip


def test_lists_come_in_pages(said: dict[str, Any]) -> None:
    """What takes `limit` takes `after`, and the limit has an end."""
    for one in operations(said):
        names = {each["name"]: each for each in one.get("parameters", ())}
        assert ("after" in names) == ("limit" in names), one["at"]
        if "limit" in names:
            assert names["limit"]["schema"]["maximum"] <= 500


def test_the_description_is_of_the_app(served: Served) -> None:
    """Each path of the API is in it, and no page is."""
    app = served.app._app  # type: ignore[attr-defined]  # the shields' inner app
    paths = {route.path_format for route in routes_of(app) if route.path_format.startswith("/api/v1")}
    assert set(described(app)["paths"]) == paths
