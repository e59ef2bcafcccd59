"""The page of a document that was imported says when it came in, and whether that owed alerts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.ingest.ingest import ingest
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import NOW, card, judged

AT = "12 March 2026, 09:30 UTC"
SENTENCES = {
    "en": (f"Imported on {AT}, with notifications", f"Imported on {AT}, without notifications."),
    "fr": (
        "Importé le 12 mars 2026, 09:30 UTC, avec notification aux abonnés.",
        "09:30 UTC, sans notification.",
    ),
    "es": ("con aviso a los suscriptores.", "sin avisos."),
    "ar": ("مع إشعار المشتركين.", "بلا إشعارات."),
}


def brought_in(site: Site, number: int, *, alerts: bool, source: str | None = None) -> int:
    """A report of its own, brought in with or without alerts; its number."""
    one = judged(number, card=card(parties=("IT", "TN")))
    one = replace(one, document=replace(one.document, source_id=source))
    with site.served.database.begin() as s:
        done = ingest(
            s, [one], (), now=NOW, run_id=None, crawl=False, max_age_days=None, alerts=alerts
        )
    (stored,) = done.stored
    assert stored is not None
    return stored.document_id


@pytest.mark.parametrize("language", SENTENCES)
def test_an_import_says_whether_subscribers_were_notified(tmp_path: Path, language: str) -> None:
    pending, silent = SENTENCES[language]
    with serving(tmp_path, judged(1)) as site:
        notified = brought_in(site, 2, alerts=True)
        unannounced = brought_in(site, 3, alerts=False)
        collected = brought_in(site, 4, alerts=True, source="fleuve")
        shown = {
            number: site.ask(f"/documents/{number}?lang={language}").text
            for number in (notified, unannounced, collected)
        }
    assert [pending in text for text in shown.values()] == [True, False, False]
    assert [silent in text for text in shown.values()] == [False, True, False]
