"""The API against its own description: schemathesis asks what the OpenAPI document allows, and what
it does not. It is installed on demand: `pip install schemathesis`, then `pytest -m slow` this file.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.scheduler.web.site.running import Site

schemathesis = pytest.importorskip("schemathesis")
checks = pytest.importorskip("schemathesis.checks")
openapi = pytest.importorskip("schemathesis.specs.openapi.checks")
generation = pytest.importorskip("schemathesis.generation")
_LEAST_OPERATIONS = 13
_EXAMPLES = 60


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_every_answer_is_as_described(site: Site, mode: str) -> None:
    asked_of_answers = [
        checks.not_a_server_error,
        openapi.content_type_conformance,
        openapi.response_schema_conformance,
        openapi.status_code_conformance,
    ]
    schema = schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:

        @settings(
            max_examples=_EXAMPLES,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=generation.GenerationMode[mode]))
        def ask(case: Any) -> None:
            case.call_and_validate(checks=asked_of_answers)

        ask()
    assert len(operations) >= _LEAST_OPERATIONS
