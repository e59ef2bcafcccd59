"""The API against its own description: schemathesis asks what the OpenAPI document allows, and what
it does not.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi

from tests.scheduler.web.site.running import Site

_LEAST_OPERATIONS = 13
# Of each operation: a few at each run of the tests, many in the soak.
_FEW, _MANY = 3, 60
_PATIENCE_S = 120  # in the place of ten seconds, which a crowded machine does not always keep


@pytest.mark.parametrize("examples", [_FEW, pytest.param(_MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_every_answer_is_as_described(site: Site, mode: str, examples: int) -> None:
    of_answers = [
        checks.not_a_server_error,
        openapi.content_type_conformance,
        openapi.response_schema_conformance,
        openapi.status_code_conformance,
    ]
    schema: Any = schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=GenerationMode[mode]))
        def ask(case: Any) -> None:
            case.call_and_validate(checks=of_answers, timeout=_PATIENCE_S)

        ask()
    assert len(operations) >= _LEAST_OPERATIONS
