"""The API asked whatever its description allows, and what it forbids: never an error of ours, always an answer as described.

Schemathesis makes requests from the description. In the ordinary run a few for each operation, by a key of some role, and where a
path names things, of things that exist as often as not. LIFEPOT_FUZZ_EXAMPLES says how many, and from ten on always others.
"""

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks
from tests.api_tour import Tour
from tests.served import Served
from tests.test_matrix import ROLES, theirs

EXAMPLES = int(os.environ.get("LIFEPOT_FUZZ_EXAMPLES", "2"))

CHECKS = [
    schemathesis.checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip

SLOW = {"trying.sample", "members.statement", "payers.report"}
"""Asked once only in the ordinary run: they draw or write for a second."""


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "forbidden"])
def test_whatever_is_asked_is_answered_as_described(served: Served, mode: GenerationMode) -> None:
    """Each operation, by every kind of key: no 5xx, a status and a content type that are described, an answer true to its schema."""
    found = theirs(served, Tour(served))
    real = {name: one.id for name, one in found.objects.items()}
    headers = {name: dict(served.machine(name).headers) for name in ROLES}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", served.app)
    wrong, asked = [], 0
    for result in schema.get_all_operations():
        operation = result.ok()
        identity = operation.definition.raw["operationId"]
        allowed = [name for name, role in ROLES.items() if role in operation.definition.raw["x-roles"]] or [""]
        count = 1 if EXAMPLES < 10 and identity in SLOW else EXAMPLES

        @given(operation.as_strategy(generation_mode=mode), st.sampled_from(allowed), st.booleans())
        @settings(
            max_examples=count, deadline=None, database=None, derandomize=EXAMPLES < 10, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip
        def ask(case: Any, name: str, exists: bool) -> None:
            nonlocal asked
            if exists and mode is GenerationMode.POSITIVE:
                case.path_parameters = {
                    part: real.get(part, said) for part, said in (case.path_parameters or {}).items()
                }
            authorization = headers[name].get("authorization")
            more = {} if authorization is None else {"authorization": authorization}
            answer = case.call(headers=more)
            asked += 1
            case.validate_response(answer, checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, identity  # it takes nothing that could be wrong
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told with its place
            wrong.append(f"{identity}: {type(error).__name__}: {error}"[:1500])
    assert wrong == [], "\n\n".join(wrong)
    assert asked > 100
