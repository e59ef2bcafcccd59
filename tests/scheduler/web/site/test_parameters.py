"""What stands behind the question mark of an address: declared at its route."""

from __future__ import annotations

import pytest

from storage.filter import described
from tests.scheduler.web.site.running import Site

FILTERS = {one.name for one in described().values() if one.searched}


@pytest.mark.parametrize(
    ("path", "others"),
    [
        ("agreements", {"sort", "limit", "after"}),
        ("agreements/counts", {"rows", "columns", "count", "from", "to", "zeros", "compare"}),
        ("documents", {"everything", "sort", "limit", "after"}),
        ("documents/facets", {"everything"}),
        ("facets", set()),
    ],
)
def test_the_api_describes_each_filter_beside_what_is_its_own(
    site: Site, path: str, others: set[str]
) -> None:
    paths = site.ask("/api/v1/openapi.json").json["paths"]
    names = [one["name"] for one in paths[f"/api/v1/{path}"]["get"]["parameters"]]
    assert sorted(names) == sorted({*FILTERS, *others, "lang"})


def test_the_api_describes_the_values_of_a_filter(site: Site) -> None:
    found = site.ask("/api/v1/openapi.json").json
    parameters = found["paths"]["/api/v1/facets"]["get"]["parameters"]
    (status,) = (parameter["schema"] for parameter in parameters if parameter["name"] == "status")
    assert status["items"] == {"$ref": "#/components/schemas/Status"}
    assert "signed" in found["components"]["schemas"]["Status"]["enum"]
    (since,) = (parameter["schema"] for parameter in parameters if parameter["name"] == "since")
    assert (since["type"], since["format"]) == ("string", "date")


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/pending?sort=longst", "newest"),
        ("/search?sort=date", "relevance"),
        ("/changes?days=8", "30"),
        ("/?columns=nme", "name"),
        ("/count?chart=pie", "heat"),
    ],
)
def test_a_value_that_a_page_does_not_declare_gets_those_that_it_takes(
    site: Site, path: str, near: str
) -> None:
    answer = site.ask(path)
    assert answer.code == 422
    assert near in answer.text
    assert site.ask(f"{path}&format=csv").headers["content-type"] == "application/problem+json"


def test_a_parameter_of_another_page_is_refused(site: Site) -> None:
    assert site.ask("/pending?sort=longest").code == 200
    assert site.ask("/map?sort=longest").code == 422


def test_a_pair_in_small_letters_leads_on_before_its_filters_are_read(site: Site) -> None:
    answer = site.ask("/corridors/it-tn?party=XQ")
    assert (answer.code, answer.headers["location"]) == (301, "/corridors/IT-TN")
