"""A count in one statement says what a look at each agreement, step and report says."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import combinations
from statistics import median

import pytest

from storage.counting import By, Counted, Counting
from storage.database.session import Database
from storage.filter import Filter, Known
from storage.lists.queries import agreements
from storage.records import Status, Topic
from storage.register.entry import Agreement, Step
from storage.search import pivot as pivots
from storage.search.document_rows import DocumentRow, report_rows
from storage.search.pivot import Figure, TooManyCells, pivot
from tests.storage.filing import STATES, made_reports, put
from tests.storage.given import card, judged

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILTERS = (
    Filter(),
    Filter(known=Known.YES),
    Filter(parties=(STATES[0],)),
    Filter(topics=(Topic.VISA, Topic.LABOUR)),
    Filter(statuses=(Status.SIGNED,)),
    Filter(languages=("fr",)),
    Filter(steps=(Status.SIGNED,), since=date(2019, 1, 1)),
    Filter(until=date(2020, 12, 31), languages=("ar", "en")),
)
PERIODS = {By.YEAR, By.MONTH}
OF_REPORTS = {By.LANGUAGE, By.SOURCE}
Rows = dict[int, DocumentRow]
Told = tuple[Step | None, DocumentRow | None]  # a step, and a report that tells it


@pytest.fixture(scope="module")
def filled(module_database: Database) -> Database:
    with module_database.begin() as s:
        put(s, made_reports(random.Random(3), 80))
    return module_database


def fits(flt: Filter, told: Told) -> bool:
    step, report = told
    if step is not None and (flt.steps and step.status not in flt.steps):
        return False
    days = flt.since or flt.until
    if (
        step is not None
        and days
        and (step.on is None or not (flt.since or date.min) <= step.on <= (flt.until or date.max))
    ):
        return False
    return report is None or not flt.languages or report.language in flt.languages


def told_by(one: Agreement, rows: Rows, flt: Filter, used: set[By], of: Counted) -> Iterator[Told]:
    """Each step and report on which a value that is counted stands."""
    with_steps = OF_REPORTS if flt.steps or flt.since or flt.until else set[By]()
    by_steps = of is Counted.STEPS or (of is Counted.ENTRIES and used & (PERIODS | with_steps))
    by_steps = by_steps or (of is Counted.REPORTS and By.STATUS in used)
    by_reports = of is Counted.REPORTS or used & OF_REPORTS or (by_steps and flt.languages)
    steps = [(step, step.document_ids) for step in one.history]
    telling: list[tuple[Step | None, tuple[int, ...]]] = [*steps]
    if not by_steps:
        telling = [(None, (*one.document_ids, *one.mentions))]
    for step, documents in telling:
        for document in documents if by_reports else (None,):
            if document is None:
                yield step, None
            elif document in rows and not (of is Counted.REPORTS and document in one.listed):
                yield step, rows[document]


def first_outlet(one: Agreement, rows: Rows) -> str | None:
    reports = [rows[number] for number in one.document_ids if number not in one.listed]
    dated = [
        (row.published_on, row.first_seen_at, row.id, row.outlet or row.source_id)
        for row in reports
        if row.published_on is not None
    ]
    return min(dated)[-1] if dated else None


def values(by: By, one: Agreement, told: Told, of: Counted, rows: Rows) -> Iterable[str]:
    step, report = told
    if by is By.FIRST:
        outlet = first_outlet(one, rows)
        return [outlet] if outlet else []
    if by in PERIODS:
        day = report.published_on if of is Counted.REPORTS and report else step and step.on
        return [] if day is None else [f"{day:%Y}" if by is By.YEAR else f"{day:%Y%m}"]
    if by in OF_REPORTS:
        assert report is not None
        value = report.language if by is By.LANGUAGE else report.outlet or report.source_id
        return [value] if value else []
    if by is By.PARTY:
        return one.parties
    if by is By.CORRIDOR:
        return [f"{a}-{b}" for a, b in combinations(sorted(one.parties), 2)]
    if by is By.TOPIC:
        return one.topics
    status = step.status if of is not Counted.ENTRIES and step else one.status
    found = {
        By.STATUS: status,
        By.INSTRUMENT: one.instrument,
        By.GRADE: one.grade,
        By.TEXT: one.text_state,
    }[by]
    return [found] if found else []


def looked_at(
    found: list[Agreement], rows: Rows, flt: Filter, counting: Counting
) -> set[tuple[object, str, str | None]]:
    """What is counted, by looking at each agreement."""
    used = {counting.rows} | ({counting.columns} if counting.columns else set())
    facts: set[tuple[object, str, str | None]] = set()
    for agreement in found:
        for told in told_by(agreement, rows, flt, used, counting.counted):
            if not fits(flt, told):
                continue
            step, report = told
            what: object = agreement.id
            if counting.counted is Counted.STEPS:
                what = agreement.id, agreement.history.index(step) if step else None
            elif counting.counted is Counted.REPORTS:
                what = report and report.id
            down = values(counting.rows, agreement, told, counting.counted, rows)
            across: Iterable[str | None] = [None]
            if counting.columns:
                across = values(counting.columns, agreement, told, counting.counted, rows)
            shown = {By.TOPIC: flt.topics}
            facts |= {
                (what, row, column)
                for row in down
                for column in across
                if not (row == column and counting.is_matrix)  # nobody has one with itself
                and row in (shown.get(counting.rows) or [row])
                and column in ((counting.columns and shown.get(counting.columns)) or [column])
            }
    return facts


def totals(facts: set[tuple[object, str, str | None]]) -> dict[tuple[str | None, str | None], int]:
    places: dict[tuple[str | None, str | None], set[object]] = {}
    for what, row, column in facts:
        for place in ((row, column), (row, None), (None, column), (None, None)):
            places.setdefault(place, set()).add(what)
    return {place: len(those) for place, those in places.items()}


def asked() -> Iterator[tuple[Filter, Counting]]:
    chance = random.Random(5)
    counted = (Counted.ENTRIES, Counted.ENTRIES, Counted.STEPS, Counted.REPORTS)
    for rows in By:
        for columns in (None, *chance.sample(tuple(By), 4)):
            yield chance.choice(FILTERS), Counting(rows, columns, chance.choice(counted))
    for flt in FILTERS:  # what people ask most
        yield flt, Counting(By.YEAR, By.STATUS)
        yield flt, Counting(By.YEAR, By.LANGUAGE)


@pytest.mark.parametrize(("flt", "counting"), list(asked()))
def test_each_cell_and_total_is_what_a_look_at_each_agreement_finds(
    filled: Database, flt: Filter, counting: Counting
) -> None:
    with filled.read() as s:
        found = agreements(s, flt)
        ids = [one for each in found for one in (*each.document_ids, *each.mentions)]
        rows = report_rows(s, ids)
        counted = pivot(s, flt, counting)
    facts = totals(looked_at(found, rows, flt, counting))
    assert {place: figure.number for place, figure in counted.figures.items()} == facts
    if counting.counted is Counted.ENTRIES:
        assert counted.of == len(found)


def test_parties_and_corridors_stand_beside_each_other(filled: Database) -> None:
    one, other, third = sorted(STATES[:3])
    compared = (one, f"{other}-{third}")
    with filled.read() as s:
        counted = pivot(s, Filter(), Counting(By.TOPIC, compare=compared))
        found = agreements(s, Filter())
    for column, codes in zip(compared, ({one}, {other, third}), strict=True):
        those = [each for each in found if codes <= set(each.parties) and each.topics]
        assert counted.at(None, column).number == len(those)
    assert set(counted.columns) <= set(compared)


def test_durations_have_the_shortest_the_median_and_the_longest(database: Database) -> None:
    signed, days = date(2020, 1, 1), (40, 10, 31, 100)
    made, number = [], 0
    for place, length in enumerate(days):
        parties = (STATES[2 * place], STATES[2 * place + 1])
        for status, on in (
            (Status.SIGNED, signed),
            (Status.IN_FORCE, date.fromordinal(signed.toordinal() + length)),
        ):
            number += 1
            said = card(parties=parties, status=status, event_date=on, topics=(Topic.VISA,))
            made.append(judged(number, card=said, published_on=on))
    with database.begin() as s:
        put(s, made)
    with database.read() as s:
        counted = pivot(s, Filter(), Counting(By.YEAR, counted=Counted.DURATIONS))
        by_topic = pivot(s, Filter(), Counting(By.YEAR, By.TOPIC, Counted.DURATIONS))
    told = Figure(4, 10, median(days), 100)
    assert (counted.at("2020"), counted.at(None), counted.of) == (told, told, 4)
    assert by_topic.at("2020", Topic.VISA) == by_topic.at(None, Topic.VISA) == told


@pytest.mark.parametrize("counted", [Counted.ENTRIES, Counted.STEPS, Counted.REPORTS])
@pytest.mark.parametrize("columns", [None, By.STATUS])
@pytest.mark.parametrize("rows", [By.YEAR, By.STATUS, By.LANGUAGE])
def test_what_is_known_later_is_all_that_is_known_now(
    filled: Database, rows: By, columns: By | None, counted: Counted
) -> None:
    counting = Counting(rows, columns, counted)
    with filled.read() as s:
        for flt in (Filter(), Filter(statuses=(Status.SIGNED,))):
            later = pivot(s, flt.but(as_of=date(2040, 1, 1)), counting)
            assert later == pivot(s, flt, counting)


def test_a_table_of_more_cells_than_anybody_reads_is_refused(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pivots, "MOST_CELLS", 12)
    with filled.read() as s, pytest.raises(TooManyCells):
        pivot(s, Filter(), Counting(By.PARTY, By.YEAR))
    monkeypatch.setattr(pivots, "MOST_CELLS", 20_000)
    monkeypatch.setattr(pivots, "MOST_COLUMNS", 3)
    with filled.read() as s, pytest.raises(TooManyCells):
        pivot(s, Filter(), Counting(By.GRADE, By.PARTY))


def test_a_full_table_keeps_its_totals(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Counting(By.PARTY, By.TOPIC)
    with filled.read() as s:
        whole = pivot(s, Filter(), counting)
        monkeypatch.setattr(pivots, "MOST_CELLS", len(whole.rows) * len(whole.columns))
        assert pivot(s, Filter(), counting) == whole
