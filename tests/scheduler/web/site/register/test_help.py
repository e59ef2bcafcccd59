"""What the terms of the page mean, on one page and under the pointer."""

from __future__ import annotations

import re
from html import unescape

import pytest

from scheduler.views.words.labels import labels_of
from storage.records import Grade, Status
from tests.scheduler.web.site.running import Site


@pytest.mark.parametrize("language", ["en", "fr", "ar", "es"])
def test_every_status_and_grade_is_explained(site: Site, language: str) -> None:
    words, shown = labels_of(language), unescape(site.ask(f"/help?lang={language}").text)
    for status in Status:
        assert f"<dd>{words.term(f'page.help.statuses.{status}')}</dd>" in shown
    for grade in Grade:
        assert f"<dd>{words.term(f'grade.{grade}.means')}</dd>" in shown
    assert len(set(re.findall(r"<dd>([^<]+)</dd>", shown))) == len(Status) + len(Grade) + 14 + 4
    assert "docs/register.md" in shown


def test_the_register_explains_headings_and_statuses_under_the_pointer(site: Site) -> None:
    shown = site.ask("/").text
    assert 'title="How far the entry can be relied on. Sort by: Grade"' in shown
    assert f'title="signed: {labels_of("en").term("page.help.statuses.signed")}"' in unescape(shown)
    assert '<a href="/help">Help</a>' in shown
