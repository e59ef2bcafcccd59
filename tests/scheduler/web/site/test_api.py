"""The API: the objects of the command line, page by page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from scheduler.web.site.api import PREFIX
from tests.scheduler.web.site.access.test_endpoints import VALUES
from tests.scheduler.web.site.running import ENDPOINTS, Site


def test_agreements_are_the_objects_that_the_command_line_prints(site: Site) -> None:
    found = site.ask("/api/v1/agreements").json
    assert found["next"] is None
    assert [one["parties"] for one in found["items"]] == [["DE", "KE"], ["IT", "TN"], ["MA", "NE"]]
    assert set(found["items"][0]) >= {"id", "name", "title", "history", "reports", "mentions"}
    assert site.ask("/api/v1/agreements/A1").json == found["items"][2]


@pytest.mark.parametrize(("path", "key"), [("agreements", "id"), ("documents", "document_id")])
def test_pages_follow_each_other_by_the_address_that_they_name(
    site: Site, path: str, key: str
) -> None:
    whole = [one[key] for one in site.ask(f"/api/v1/{path}").json["items"]]
    seen, address = [], f"{site.url}/api/v1/{path}?limit=1"
    while address:
        found = site.ask(address.removeprefix(site.url)).json
        seen += [one[key] for one in found["items"]]
        address = found["next"]
    assert seen == whole


def test_filters_choose_and_a_fault_is_a_problem_object(site: Site) -> None:
    found = site.ask("/api/v1/agreements?corridor=TN-IT").json["items"]
    assert [one["id"] for one in found] == ["A2"]
    wrong = site.ask("/api/v1/agreements?party=XQ")
    assert (wrong.code, wrong.headers["content-type"]) == (422, "application/problem+json")
    assert wrong.json["detail"] == (
        "party: “XQ” is not a known party. Write a name, or a code such as MA."
    )
    assert wrong.json["status"] == 422


@pytest.mark.parametrize(
    "path",
    ["agreements?limit=0", "agreements?after=1", "documents?after=x", "documents/0", "documents/x",
     "runs?limit=1000", "documents?since=yesterday", "agreements?since=2026-02-02&until=2026-01-01"],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_a_422(site: Site, path: str) -> None:
    answer = site.ask(f"/api/v1/{path}")
    assert answer.code == 422
    assert answer.json["detail"]


@pytest.mark.parametrize("path", ["agreements/A99", "documents/99", "nowhere"])
def test_what_is_not_there_is_a_404_problem(site: Site, path: str) -> None:
    answer = site.ask(f"/api/v1/{path}")
    assert (answer.code, answer.json["status"]) == (404, 404)


def test_a_method_that_an_address_has_not_is_refused_with_those_that_it_has(site: Site) -> None:
    answer = site.ask("/api/v1/runs", "DELETE", {})
    assert (answer.code, answer.headers["allow"]) == (405, "GET")


def test_a_document_has_its_text_and_its_evidence(site: Site) -> None:
    found = site.ask("/api/v1/documents/1").json
    (one,) = found["evidence"]
    assert found["text"][one["start"] : one["end"]] == one["text"] == "signed"


@pytest.mark.parametrize("path", ["/api/v1/agreements", "/api/v1/documents/1", "/feed.atom"])
def test_what_has_not_changed_is_not_sent_again(site: Site, path: str) -> None:
    first = site.ask(path)
    again = site.ask(path, If_None_Match=first.headers["etag"])
    assert (again.code, again.body) == (304, b"")
    assert site.ask(path, If_None_Match='"other"').code == 200


def test_facets_corridors_sources_runs_and_the_queue_are_there(site: Site) -> None:
    assert site.ask("/api/v1/facets").json["total"] == 3
    assert site.ask("/api/v1/facets?party=MA").json["party"] == {"MA": 1, "NE": 1}
    assert {"parties": ["MA", "NE"], "agreements": 1, "with_text": 0} in site.ask(
        "/api/v1/corridors"
    ).json["items"]
    assert [one["parties"] for one in site.ask("/api/v1/corridors?party=MA").json["items"]] == [
        ["MA", "NE"]
    ]
    assert site.ask("/api/v1/sources").json["items"][0]["id"] == "fleuve"
    assert site.ask("/api/v1/runs").json["items"][0]["started_at"][:10] == "2026-03-12"
    waits = site.ask("/api/v1/review").json
    assert waits["waiting"] == 4
    assert [wait["agreement_id"] is not None for wait in waits["items"]] == [
        True,
        True,
        True,
        False,
    ]


def test_the_description_is_openapi_3_1_and_names_every_address(site: Site) -> None:
    found = site.ask("/api/v1/openapi.json").json
    assert found["openapi"].startswith("3.1")
    assert "/api/v1/agreements/{agreement_id}" in found["paths"]
    described = [one["responses"] for path in found["paths"].values() for one in path.values()]
    changing = [path for path, methods in found["paths"].items() if set(methods) != {"get"}]
    assert changing == [
        *("/api/v1/review/{document_id}", "/api/v1/subscriptions"),
        "/api/v1/subscriptions/{number}",
    ]
    assert all("application/problem+json" in one["422"]["content"] for one in described)


def test_each_operation_has_a_summary_of_its_own_and_the_api_lists_them(site: Site) -> None:
    paths = site.ask("/api/v1/openapi.json").json["paths"]
    summaries = [method["summary"] for methods in paths.values() for method in methods.values()]
    assert len(set(summaries)) == len(summaries)
    listed = site.ask("/api/v1/").json["items"]
    assert {one["path"] for one in listed} == set(paths)


def test_a_json_feed_tells_what_the_atom_feed_tells_each_entry_with_its_own_times(
    site: Site,
) -> None:
    answer, feed = site.ask("/feed.json?party=MA"), site.ask("/feed.json?party=MA").json
    assert answer.headers["content-type"] == "application/feed+json"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    atom = site.ask("/feed.atom?party=MA").text
    assert feed["items"]
    for item in feed["items"]:
        for told in (item["id"], item["url"], item["date_published"], item["date_modified"]):
            assert told in atom


def test_a_corridor_has_a_feed_of_its_own(site: Site) -> None:
    feed = site.ask("/corridors/MA-NE/feed.atom").text
    assert feed.count("<entry>") == 1
    assert "<title>Accordwatch: Morocco–Niger</title>" in feed


def test_another_way_to_write_an_id_leads_to_the_agreement(site: Site) -> None:
    answer = site.ask("/api/v1/agreements/1")
    assert (answer.code, answer.headers["location"]) == (301, "/api/v1/agreements/A1")


LISTS = [
    endpoint.path for endpoint in ENDPOINTS
    if endpoint.path.startswith(PREFIX) and endpoint.method == "GET" and "openapi" not in endpoint.path
]  # fmt: skip


FILTERED = (
    *("agreements", "agreements/counts", "changes", "corridors", "pending", "facets"),
    *("documents", "documents/facets"),
)


@pytest.mark.parametrize("path", LISTS)
def test_a_parameter_that_an_address_does_not_have_is_refused_by_its_name(
    site: Site, path: str
) -> None:
    for name, value in {**VALUES, "{agreement_id}": "A1"}.items():
        path = path.replace(name, value)
    assert site.ask(f"{path}?lang=fr").code == 200
    answer = site.ask(f"{path}?partie=MA&lang=fr")
    assert answer.code == 422
    (one,) = answer.json["misread"]
    assert (one["value"], one["key"]) == ("partie", "parameter")
    filtered = path.removeprefix("/api/v1/") in FILTERED
    assert one["near"][:1] == (["party"] if filtered else [])


def test_a_language_that_there_is_not_is_refused_too(site: Site) -> None:
    answer = site.ask("/api/v1/facets?lang=xx")
    assert answer.code == 422
    assert answer.json["misread"][0]["near"] == ["fr", "en", "ar", "es"]


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def moments(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Each value of which the name says that it is a time."""
    if isinstance(value, dict):
        return [moment for key, inner in value.items() for moment in moments(inner, key)]
    if isinstance(value, list):
        return [moment for inner in value for moment in moments(inner, name)]
    return [(name, value)] if name.endswith(("_at", "_on")) and value is not None else []


def test_all_times_have_one_form(site: Site) -> None:
    found = list[tuple[str, str]]()
    for path in ("agreements", "documents", "sources", "runs", "review"):
        found += moments(json.loads(site.ask(f"/api/v1/{path}").body))
    found += moments(site.ask("/api/v1/documents/1/versions").json)
    names = {name for name, _ in found}
    assert {"first_reported_at", "last_poll_at", "started_at"} <= names
    wrong = [
        one for one in found if not (MOMENT if one[0].endswith("_at") else DAY).fullmatch(one[1])
    ]
    assert wrong == []
