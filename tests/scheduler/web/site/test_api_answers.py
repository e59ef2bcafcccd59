"""Each answer of the API against its own description: all that it holds is described there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from scheduler.views.verdicts import reading_row
from scheduler.web.site.api import PREFIX
from scheduler.web.site.api_answers import SecondReading as DescribedReading
from storage.records import SecondReading
from tests.scheduler.web.site.access.test_endpoints import VALUES
from tests.scheduler.web.site.running import ENDPOINTS, Site
from tests.storage.given import NOW, card

ADDRESSES = (
    *(
        "/agreements?limit=1",
        "/agreements/A1",
        "/agreements/A1/similar",
        "/agreements/counts",
        "/changes",
        "/pending",
    ),
    *("/agreements/counts?columns=status&rows=party", "/agreements/counts?count=durations"),
    *("/agreements/counts?compare=MA,IT-TN", "/facets", "/facets?party=MA", "/corridors"),
    "/states/MA",
    *("/documents", "/documents?q=signed", "/documents?q=nowhere", "/documents/facets"),
    *("/documents/1", "/documents/4", "/documents/1/versions", "/sources", "/runs", "/review"),
    *("/review/duplicates", "/subscriptions", "/", "/corridors?party=MA"),
)


def described(site: Site, address: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of an answer, and what it refers to."""
    found = site.ask(f"{PREFIX}/openapi.json").json
    path, values = address.partition("?")[0], {**VALUES, "{agreement_id}": "A1"}
    for name in found["paths"]:
        filled = name.removeprefix(PREFIX)
        for written, value in values.items():
            filled = filled.replace(written, value if value != "1" or "/4" not in path else "4")
        if filled == path:
            answer = found["paths"][name]["get"]["responses"]["200"]
            return answer["content"]["application/json"]["schema"], found["components"]
    raise AssertionError(path)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_answer_is_what_the_description_says(site: Site, address: str) -> None:
    schema, components = described(site, address)
    assert schema
    whole = {**schema, "components": components}
    answer = site.ask(PREFIX + address)
    assert answer.code == 200
    faults = jsonschema_rs.validator_for(whole, validate_formats=True).iter_errors(answer.json)
    assert [str(fault) for fault in faults] == []
    assert list(undescribed(answer.json, [schema], components)) == []


def undescribed(
    value: Any, schemas: list[Mapping[str, Any]], components: Mapping[str, Any], at: str = ""
) -> Iterator[str]:
    """The names in an answer of which no schema says anything."""
    schemas = list(resolved(schemas, components))
    if isinstance(value, list):
        inner = [schema["items"] for schema in schemas if isinstance(schema.get("items"), dict)]
        for each in value:
            yield from undescribed(each, inner, components, at)
    elif isinstance(value, dict):
        free = [
            schema["additionalProperties"] for schema in schemas if "additionalProperties" in schema
        ]
        if not any("properties" in schema for schema in schemas):
            free = free or [{}]  # an object of a list is described in words
        for name, each in value.items():
            known = [
                schema["properties"][name]
                for schema in schemas
                if name in schema.get("properties", {})
            ]
            if not known and not free:
                yield f"{at}.{name}"
            yield from undescribed(each, known or free, components, f"{at}.{name}")


def resolved(
    schemas: list[Mapping[str, Any]], components: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    for schema in schemas:
        yield schema
        if "$ref" in schema:
            named = schema["$ref"].rpartition("/")[2]
            yield from resolved([components["schemas"][named]], components)
        yield from resolved(schema.get("anyOf", []), components)


def test_all_addresses_of_the_api_are_asked() -> None:
    paths = {
        endpoint.path
        for endpoint in ENDPOINTS
        if endpoint.path.startswith(PREFIX) and endpoint.method == "GET"
    }
    asked = {address.partition("?")[0] for address in ADDRESSES}
    assert len(paths - {f"{PREFIX}/openapi.json"}) == len(asked - {"/documents/4"})


def test_what_a_second_reader_said_is_described() -> None:
    read = SecondReading("no", "model", "p1", NOW, card(), cause="politics", rules_card=card())
    row = reading_row(read, "a title", "a text")
    assert DescribedReading.model_validate(row).model_dump(mode="json").keys() == (row or {}).keys()
