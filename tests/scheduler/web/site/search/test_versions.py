"""What changed in a document, on its page and in the API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.scheduler.given_digests import collect
from tests.scheduler.web.site.running import serving
from tests.storage.given import NOW, judged


def test_a_changed_document_shows_its_versions_and_what_changed(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, text="They talked <b>there</b>.")) as site:
        assert "/versions/" not in site.ask("/documents/1").text
        changed = judged(1, text="They signed <b>there</b>.")
        served = site.served
        collect(served.database, served.chosen, changed, now=NOW + timedelta(days=1))
        assert "/documents/1/versions/2" in site.ask("/documents/1").text
        page = site.ask("/documents/1/versions/2").text
        assert "<del>talked</del>" in page
        assert "<ins>signed</ins> &lt;b&gt;there" in page
        first = site.ask("/documents/1/versions/1?lang=fr").text
        assert "Cette version est la première" in first
        assert site.ask("/documents/1/versions/3").code == 404
        assert site.ask("/documents/9/versions/1").code == 404
        found = site.ask("/api/v1/documents/1/versions").json["items"]
        assert [row["version"] for row in found] == [1, 2]
        assert {"change": "removed", "text": "talked"} in found[1]["changes"][0]
        assert site.ask("/api/v1/documents/9/versions").code == 404
