"""Rules of one's own: found, told to those that name them, and kept out of the register unless they
say otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.ingest.ingest import ingest, rejudge
from crawler.judgement.judge import Rules, load_rules
from crawler.process.process import judge_document
from scheduler.notify.digest.build import build
from scheduler.notify.digest.sentences import subject
from scheduler.notify.subscriptions.rehearsal import rehearse
from scheduler.views.words.labels import labels_of
from storage import queries
from storage.database.session import Database
from storage.filter import Filter
from storage.notifications import digests
from storage.records import Document, NewsKind
from storage.subscription import Subscription

NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)
OWN = """schema: 1
concepts:
  whale.treaty: {terms: {en: ["whaling (treaty|convention)"]}}
rules:
  - id: whales
    threshold: 1
    signals: [{id: named, any: [whale.treaty], weight: 2, core: true}]
"""
WHALES = Document(
    title="Fiji and Tonga sign a whaling treaty",
    text="Fiji and Tonga signed the whaling treaty on Monday 28 July 2025.",
    language="en",
    published_on=date(2025, 7, 29),
    external_id="whales",
)
MIGRANTS = Document(
    title="Morocco and Niger sign a declaration against human trafficking",
    text="Rabat, 28 July 2025. Morocco and Niger on Monday signed a joint declaration on fighting human trafficking "
    "and migrant smuggling. The declaration was signed by the two national commissions.",
    language="en",
    published_on=date(2025, 7, 29),
    external_id="migrants",
)
EVERYBODY = Subscription("everybody", ("file",), news=tuple(NewsKind))
WATCHER = Subscription("watcher", ("file",), filter=Filter(rules=("whales",)))


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    return own_rules(tmp_path, OWN)


def own_rules(folder: Path, text: str) -> Rules:
    file = folder / "own.yaml"
    file.write_text(text, encoding="utf-8")
    return load_rules(files=[file])


def bring(database: Database, rules: Rules) -> None:
    judged = [judge_document(document, rules) for document in (WHALES, MIGRANTS)]
    with database.begin() as s:
        ingest(s, judged, (EVERYBODY, WATCHER), now=NOW, run_id=None, crawl=True, max_age_days=30)


def test_a_rule_of_ones_own_finds_documents_and_no_agreement(
    database: Database, rules: Rules
) -> None:
    bring(database, rules)
    with database.read() as s:
        assert [row.external_id for row in queries.search(s, Filter(rules=("whales",)))] == [
            "whales"
        ]
        assert {row.external_id for row in queries.search(s, Filter())} == {"whales", "migrants"}
        assert [one.parties for one in queries.agreements(s, Filter())] == [("MA", "NE")]
        assert queries.agreements(s, Filter(rules=("whales",))) == []
        assert len(queries.agreements(s, Filter(rules=("migration-cooperation",)))) == 1


def test_what_it_finds_is_told_to_those_that_name_it_alone(
    database: Database, rules: Rules
) -> None:
    bring(database, rules)
    with database.read() as s:
        (told,) = digests.preview(s, WATCHER, NOW).items
        others = digests.preview(s, EVERYBODY, NOW).items
        said = build(s, WATCHER, [told], now=NOW)
        counted = queries.counts(s)
    assert subject(said, labels_of("en")) == WHALES.title
    assert (counted.documents, counted.relevant) == (2, 1)
    assert (told.kind, told.agreement_id, told.document_ids) == (NewsKind.NEW_DOCUMENT, None, (1,))
    assert [item.document_ids for item in others] == [(2,)]


def test_a_near_miss_of_it_is_nobodys_news(database: Database, tmp_path: Path) -> None:
    nearly = own_rules(tmp_path, OWN.replace("threshold: 1\n", "threshold: 3\n    near_miss: 1\n"))
    of_rule = judge_document(
        replace(WHALES, title="About the whaling treaty", text="It is old."), nearly
    )
    assert of_rule.verdict.score == 2
    with database.begin() as s:
        ingest(s, [of_rule], (EVERYBODY,), now=NOW, run_id=None, crawl=True, max_age_days=30)
        assert digests.preview(s, EVERYBODY, NOW).items == ()


def test_it_enters_the_register_where_it_says_so(
    database: Database, tmp_path: Path, rules: Rules
) -> None:
    bring(database, rules)
    registering = own_rules(tmp_path, OWN.replace("threshold", "register: true\n    threshold"))
    with database.begin() as s:
        rejudge(s, [(1, judge_document(WHALES, registering))], (), now=NOW, max_age_days=30)
        assert len(queries.agreements(s, Filter(rules=("whales",)))) == 1
        rejudge(s, [(1, judge_document(WHALES, rules))], (), now=NOW, max_age_days=30)
        assert queries.agreements(s, Filter(rules=("whales",))) == []


def test_a_shipped_rule_that_is_overridden_still_fills_the_register(tmp_path: Path) -> None:
    override = OWN.replace(
        "rules:\n  - id: whales", "override:\n rules:\n  - id: migration-cooperation"
    )
    (rule,) = own_rules(tmp_path, override).rules.rules
    assert rule.register
    (rule,) = own_rules(
        tmp_path, override.replace("threshold", "register: false\n    threshold")
    ).rules.rules
    assert not rule.register


def test_a_rehearsal_says_what_a_new_subscription_would_have_sent(
    database: Database, rules: Rules
) -> None:
    bring(database, rules)
    until = date(2025, 8, 11)
    with database.read() as s:
        of_rule = rehearse(s, WATCHER, until)
        of_pair = rehearse(s, replace(EVERYBODY, filter=Filter(corridors=("MA-NE",))), until)
        late = rehearse(s, WATCHER, until, since=date(2025, 8, 1))
    assert [(one.on, one.kind, one.title) for one in of_rule.items] == [
        (date(2025, 7, 29), NewsKind.NEW_DOCUMENT, WHALES.title)
    ]
    assert [(one.kind, one.agreement and one.agreement.id) for one in of_pair.items] == [
        (NewsKind.NEW_AGREEMENT, "A1")
    ]
    assert (of_pair.since, of_pair.a_week, of_pair.fullest_week) == (
        date(2025, 7, 29),
        0.5,
        (date(2025, 7, 28), 1),
    )
    assert late.items == ()
