"""A page that is watched, from look to look: what it tells stays told, and what is new in it is
told.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.ingest.ingest import Ingested, ingest, rejudge
from crawler.judgement.judge import Rules
from crawler.process.parts import address_of
from crawler.process.process import judge_document
from crawler.process.stages import judge_page
from scheduler.decisions.curation import move, set_irrelevant, set_relevant, undo
from scheduler.decisions.curator import Curator
from storage.database.session import Database
from storage.documents.texts import load_judgeable, text_of_page
from storage.errors import AccordwatchError
from storage.filter import Filter
from storage.lists.queries import agreements, document_text, search
from storage.notifications.digests import claim_digest
from storage.records import Document, NewsKind
from storage.subscription import Subscription

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
URL = "https://migration.example/accords"
TITLE = "Les accords migratoires de la Suisse"
INTRODUCTION = "Cette page présente les accords que la Suisse a conclus avec d'autres pays, du plus récent au plus ancien."
TUNISIA = (
    "La Suisse et la Tunisie ont signé le 11 juin 2012 à Tunis un accord de coopération en matière de migration. "
    "Il règle la réadmission des personnes en situation irrégulière et l'aide au retour volontaire."
)
MOROCCO = (
    "La Suisse et le Maroc ont signé le 28 février 2025 à Rabat un accord de réadmission. Les deux pays luttent "
    "ensemble contre la migration irrégulière et le trafic de migrants."
)
KOSOVO = (
    "La Suisse et le Kosovo ont signé le 3 février 2010 à Pristina un partenariat migratoire et un accord de "
    "réadmission des personnes en situation irrégulière."
)
SUBSCRIPTION = Subscription(
    "office",
    channels=("file",),
    news=(NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP, NewsKind.CHANGED_DOCUMENT),
)


class Watch:
    """Looks at a page as a crawl does, a day after the look before."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self.database, self.rules, self.now = database, rules, NOW - timedelta(days=1)

    def look(self, *paragraphs: str) -> Ingested:
        self.now += timedelta(days=1)
        text = "\n".join(paragraphs)
        page = Document(TITLE, text, "fr", url=URL, outlet="migration.example", source_id="accords")
        with self.database.begin() as s:
            before = text_of_page(s, "accords", URL)
            judged = judge_page(page, self.rules, before=before, seen_on=self.now.date())
            return ingest(
                s, [judged], (SUBSCRIPTION,), now=self.now, run_id=None, crawl=True, max_age_days=30
            )

    def reclassify(self) -> None:
        with self.database.begin() as s:
            judged = [
                (number, judge_document(document, self.rules))
                for number, document in load_judgeable(s)
            ]
            rejudge(s, judged, (SUBSCRIPTION,), now=self.now, max_age_days=30)

    def told(self) -> list[tuple[NewsKind, tuple[str, ...]]]:
        with self.database.begin() as s:
            claimed = claim_digest(s, SUBSCRIPTION, self.now)
            parties = {agreement.id: agreement.parties for agreement in agreements(s, Filter())}
            return (
                [(item.kind, parties.get(item.agreement_id or "", ())) for item in claimed.items]
                if claimed
                else []
            )

    def register(self) -> dict[tuple[str, ...], str]:
        with self.database.read() as s:
            return {agreement.parties: agreement.id for agreement in agreements(s, Filter())}


@pytest.fixture
def watch(database: Database, rules: Rules) -> Watch:
    return Watch(database, rules)


def test_what_is_added_is_told_and_what_was_there_stays_under_its_id(watch: Watch) -> None:
    watch.look(INTRODUCTION, TUNISIA)
    assert watch.register() == {("CH", "TN"): "A1"}
    assert watch.told() == [(NewsKind.NEW_AGREEMENT, ("CH", "TN"))]
    watch.look(INTRODUCTION, MOROCCO, TUNISIA)
    assert watch.register() == {("CH", "TN"): "A1", ("CH", "MA"): "A2"}
    assert (NewsKind.NEW_AGREEMENT, ("CH", "MA")) in watch.told()


def test_the_page_keeps_its_newest_text_and_a_part_its_own(watch: Watch) -> None:
    watch.look(INTRODUCTION, TUNISIA)
    watch.look(INTRODUCTION, MOROCCO, TUNISIA)
    with watch.database.read() as s:
        rows = list(search(s, Filter(), everything=True))
        texts = {row.url: document_text(s, row.id) for row in rows}
        relevant = {row.url for row in search(s, Filter())}
    assert texts[URL] == "\n".join((INTRODUCTION, MOROCCO, TUNISIA))
    assert texts[address_of(URL, MOROCCO)] == MOROCCO
    assert relevant == texts.keys() - {URL}


def test_a_page_of_several_agreements_is_cut_at_the_first_look(watch: Watch) -> None:
    done = watch.look(INTRODUCTION, TUNISIA, KOSOVO)
    assert watch.register().keys() == {("CH", "TN"), ("CH", "XK")}
    assert done.relevant == 2


def test_a_part_that_vanishes_from_the_page_keeps_its_report(watch: Watch) -> None:
    watch.look(INTRODUCTION, TUNISIA, KOSOVO)
    before = watch.register()
    watch.look(INTRODUCTION, KOSOVO)
    assert watch.register() == before


def test_judging_again_changes_nothing_of_a_page_with_parts(watch: Watch) -> None:
    watch.look(INTRODUCTION, TUNISIA)
    watch.look(INTRODUCTION, MOROCCO, TUNISIA)
    watch.look(INTRODUCTION, KOSOVO, MOROCCO, TUNISIA)
    before = watch.register()
    watch.told()
    watch.reclassify()
    assert watch.register() == before
    assert watch.told() == []


def test_the_same_look_twice_stores_nothing_twice(watch: Watch) -> None:
    watch.look(INTRODUCTION, TUNISIA)
    for _ in range(2):
        watch.look(INTRODUCTION, MOROCCO, TUNISIA)
    with watch.database.read() as s:
        assert len(list(search(s, Filter(), everything=True))) == 3


def test_a_paragraph_that_comes_back_is_known(watch: Watch) -> None:
    watch.look(INTRODUCTION, TUNISIA, KOSOVO)
    watch.look(INTRODUCTION, KOSOVO)
    watch.told()
    assert watch.look(INTRODUCTION, TUNISIA, KOSOVO).stored[0] is not None
    assert watch.register().keys() == {("CH", "TN"), ("CH", "XK")}
    assert [kind for kind, _ in watch.told()] == [NewsKind.CHANGED_DOCUMENT]


def test_a_page_that_tells_nothing_new_is_a_changed_document_alone(watch: Watch) -> None:
    watch.look(INTRODUCTION, TUNISIA)
    watch.told()
    watch.look(
        INTRODUCTION, TUNISIA, "Pour toute question, le secrétariat répond du lundi au vendredi."
    )
    assert watch.register() == {("CH", "TN"): "A1"}
    assert watch.told() == [(NewsKind.CHANGED_DOCUMENT, ())]


def test_an_import_of_the_page_does_not_make_it_a_report_again(watch: Watch) -> None:
    watch.look(INTRODUCTION, TUNISIA, KOSOVO)
    before = watch.register()
    text = "\n".join((INTRODUCTION, TUNISIA, KOSOVO, MOROCCO))
    judged = judge_document(Document(TITLE, text, "fr", url=URL), watch.rules)
    with watch.database.begin() as s:
        ingest(s, [judged], (), now=watch.now, run_id=None, crawl=False, max_age_days=None)
    assert watch.register() == before


def test_what_is_new_has_the_day_of_the_look_that_found_it_and_a_new_wording_has_none(
    rules: Rules,
) -> None:
    reworded = TUNISIA.replace("Il règle", "Cet accord règle aussi")
    page = Document(TITLE, f"{MOROCCO}\n{reworded}", "fr", url=URL)
    judged = judge_page(page, rules, before=f"{INTRODUCTION}\n{TUNISIA}", seen_on=date(2025, 3, 4))
    days = [(part.document.text, part.document.published_on) for part in judged.parts or ()]
    assert days == [(MOROCCO, date(2025, 3, 4)), (reworded, None)]


def curated(watch: Watch, rules: Rules) -> Curator:
    return Curator("amina", "read it", watch.now, (SUBSCRIPTION,), lambda: rules)


def part_of_parties(watch: Watch, *parties: str) -> int:
    with watch.database.read() as s:
        (found,) = (
            agreement for agreement in agreements(s, Filter()) if agreement.parties == parties
        )
        (document_id,) = found.document_ids
        return document_id


def test_a_part_that_a_curator_rules_out_stays_out_until_that_is_undone(
    watch: Watch, rules: Rules
) -> None:
    watch.look(INTRODUCTION, MOROCCO, TUNISIA)
    before, part = watch.register(), part_of_parties(watch, "CH", "MA")
    with watch.database.begin() as s:
        number = set_irrelevant(s, part, curated(watch, rules)).number
    watch.look(INTRODUCTION, KOSOVO, MOROCCO, TUNISIA)
    watch.reclassify()
    assert set(watch.register()) == {("CH", "TN"), ("CH", "XK")}
    with watch.database.begin() as s:
        undo(s, number, curated(watch, rules))
    assert watch.register().items() >= before.items()


def test_a_part_that_a_curator_moves_stays_where_it_was_put(watch: Watch, rules: Rules) -> None:
    watch.look(INTRODUCTION, MOROCCO, TUNISIA)
    part = part_of_parties(watch, "CH", "MA")
    before = watch.register()
    with watch.database.begin() as s:
        number = move(s, part, before["CH", "TN"], curated(watch, rules)).number
    watch.look(INTRODUCTION, MOROCCO, TUNISIA)
    watch.reclassify()
    assert len(watch.register()) == 1
    with watch.database.begin() as s:
        undo(s, number, curated(watch, rules))
    assert watch.register() == before


def test_who_decides_about_a_page_hears_which_of_its_parts_are_the_reports(
    watch: Watch, rules: Rules
) -> None:
    watch.look(INTRODUCTION, MOROCCO, TUNISIA)
    wanted = "document 1 is a page whose parts are the reports: documents 2, 3"
    with watch.database.begin() as s:
        with pytest.raises(AccordwatchError, match=wanted):
            set_irrelevant(s, 1, curated(watch, rules))
        with pytest.raises(AccordwatchError, match=wanted):
            set_relevant(s, 1, {"parties": "CH,MA"}, curated(watch, rules))
