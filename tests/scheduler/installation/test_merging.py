"""Two installations become one: nothing twice, nothing told twice, decisions of both kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.ingest.ingest import ingest
from crawler.judgement.judge import load_rules
from crawler.process.pages import judge_page
from scheduler import curation
from scheduler.curation import Curator
from scheduler.installation import merging
from scheduler.installation.archive import InstallationFile
from scheduler.installation.deciding import DecisionOutcome
from scheduler.jobs import settle
from scheduler.lists.importing import ListWish, import_list, read_list
from scheduler.lists.sheets import opened_sheet
from scheduler.locks import BusyError, alone
from storage.documents.versions import versions_of
from storage.queries import agreements_of
from storage.records import Document, DocumentKind
from storage.register.decisions import decisions
from tests.scheduler.given_digests import SUBSCRIPTIONS
from tests.scheduler.installation.given import (
    LATER,
    SILENT,
    Installation,
    add,
    contents,
    export,
    installation,
    line,
    numbers,
    owed_titles,
    register,
    take_in,
    tell,
)
from tests.scheduler.lists.given import NOW, OURS, ROWS
from tests.scheduler.lists.given import written as list_file

AMINA, KARIM = Curator("amina", "read it", NOW), Curator("karim", "read it too", NOW)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as open_ones:
        yield open_ones


@pytest.fixture
def here(tmp_path: Path, stack: ExitStack) -> Installation:
    return _opened(tmp_path / "here", stack)


@pytest.fixture
def there(tmp_path: Path, stack: ExitStack) -> Installation:
    return _opened(tmp_path / "there", stack)


def _opened(folder: Path, stack: ExitStack, url: str = "", **how: Any) -> Installation:
    made = installation(folder, url, **how)
    stack.callback(made.database.close)
    return made


# Overlapping: the press at its addresses, and an agency by ids. The second has a text of the first
# without address.
FIRST = [line(0), line(1), line(2, "agency", id="a-2"), line(3), SILENT]
SECOND = [line(1), line(2), line(2, "agency", id="a-2"), line(4), line(0, "agency")]


def test_sqlite_is_taken_in_by_postgresql_and_back(
    tmp_path: Path, stack: ExitStack, postgres_url: str
) -> None:
    small = _opened(tmp_path / "small", stack)
    large = _opened(tmp_path / "large", stack, postgres_url)
    whole = _opened(tmp_path / "whole", stack)
    add(small, *FIRST)
    add(large, *SECOND)
    add(whole, *FIRST, *SECOND)
    for one in (large, whole):
        _list(one, tmp_path)
    done = take_in(large, export(small, tmp_path / "small.zip"))
    assert (done.documents.stored, done.documents.known, done.faults) == (3, 2, [])
    assert register(large) == register(whole)
    take_in(small, export(large, tmp_path / "large.zip"))
    assert register(small) == register(whole)
    assert len(register(whole)) == 7


def test_the_same_file_again_changes_nothing(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    add(there, *FIRST)
    tell(there)
    _decide(there)
    add(here, *SECOND)
    file = export(there, tmp_path / "there.zip")
    take_in(here, file)
    before = contents(here)
    done = take_in(here, file, LATER + timedelta(days=1))
    assert contents(here) == before
    assert (done.documents.stored, done.documents.told.total(), done.owed) == (0, 0, [])
    assert {one.outcome for one in done.fates} == {DecisionOutcome.KNOWN}


def test_an_import_that_was_killed_goes_on(
    here: Installation,
    there: Installation,
    tmp_path: Path,
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once = _opened(tmp_path / "once", stack)
    for one, lines in ((there, FIRST), (here, SECOND), (once, SECOND)):
        add(one, *lines)
    tell(there)
    _decide(there)
    file = export(there, tmp_path / "there.zip")
    take_in(once, file)
    monkeypatch.setattr(merging, "_BATCH", 1)
    for after in (2, 6, 8):
        with monkeypatch.context() as patch:
            patch.setattr(InstallationFile, "lines", _broken_off(after))
            with pytest.raises(KeyboardInterrupt):
                take_in(here, file)
    take_in(here, file)
    assert register(here) == register(once)
    assert owed_titles(here) == owed_titles(once)
    for table in ("documents", "decisions", "pins", "told", "owed"):
        assert len(contents(here)[table]) == len(contents(once)[table]), table


def test_an_import_that_was_killed_owes_nothing_before_it_is_given_again(
    here: Installation, there: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision that has not come yet may say that a document is no report."""
    add(there, line(0), line(1))
    with there.database.begin() as s:
        curation.set_irrelevant(s, numbers(there)["https://press.example/0"], AMINA)
    file = export(there, tmp_path / "there.zip")
    with monkeypatch.context() as patch:
        patch.setattr(InstallationFile, "lines", _broken_off(1))
        patch.setattr(merging, "_BATCH", 1)
        with pytest.raises(KeyboardInterrupt):
            take_in(here, file)
    settle(here.database, here.chosen, LATER)
    assert (len(register(here)), owed_titles(here)) == (1, set())
    take_in(here, file)
    assert owed_titles(here) == {line(1)["title"]}


def _broken_off(after: int) -> Any:
    real, left = InstallationFile.lines, [after]

    def lines(self: InstallationFile, member: str, on_fault: Any) -> Iterator[Any]:
        for one in real(self, member, on_fault):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            yield one

    return lines


def _decide(of: Installation) -> None:
    with of.database.begin() as s:
        number = numbers(of)["https://press.example/0"]
        curation.correct(s, number, "place", "Kumasi", AMINA)
        curation.set_irrelevant(s, numbers(of)["https://press.example/3"], AMINA)


def test_what_was_told_there_is_not_told_here(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    """And what was not, is: here it would be missed."""
    add(there, line(0), line(1))
    tell(there)
    add(there, line(2))
    add(here, line(0, "agency"), line(3))
    done = take_in(here, export(there, tmp_path / "there.zip"))
    assert done.documents.told == {"everything": 2}
    told = tell(here, LATER)
    assert told is not None
    titles = {_title(here, one.document_ids) for one in told.items}
    assert titles == {line(2)["title"], line(3)["title"]}
    take_in(here, export(there, tmp_path / "there.zip"), LATER)
    assert owed_titles(here) == set()


def _title(of: Installation, document_ids: tuple[int, ...]) -> str:
    by_number = {number: url for url, number in numbers(of).items()}
    urls = {by_number[one] for one in document_ids}
    return next(str(line(n)["title"]) for n in range(5) if f"https://press.example/{n}" in urls)


def test_only_chosen_subscriptions_bring_what_they_were_told(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    add(there, line(0))
    tell(there)
    take_in(here, export(there, tmp_path / "there.zip", chosen=()))
    assert owed_titles(here) == {line(0)["title"]}


def test_another_subscription_here_is_told_what_is_fresh(
    there: Installation, tmp_path: Path, stack: ExitStack
) -> None:
    others = SUBSCRIPTIONS.replace("everything", "others")
    here = _opened(tmp_path / "here", stack, subscriptions=others)
    add(there, line(0), line(1, published="2025-01-10"))  # the second is too old
    tell(there)
    take_in(here, export(there, tmp_path / "there.zip"))
    assert owed_titles(here, "others") == {line(0)["title"]}


@pytest.mark.parametrize("silent_there", [True, False])
def test_without_alerts_on_either_side_nothing_is_owed(
    here: Installation, there: Installation, tmp_path: Path, silent_there: bool
) -> None:
    add(there, line(0), alerts=not silent_there)
    take_in(here, export(there, tmp_path / "there.zip"), alerts=silent_there)
    take_in(here, export(there, tmp_path / "there.zip"))
    assert owed_titles(here) == set()


def test_decisions_of_both_are_kept_and_contradictions_are_listed(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    for one in (there, here):
        add(one, line(0), line(1), line(2), line(3), line(4))
    mine, theirs = numbers(here), numbers(there)
    with there.database.begin() as s:
        curation.set_irrelevant(s, theirs["https://press.example/0"], AMINA)
        curation.correct(s, theirs["https://press.example/1"], "place", "Thiès", AMINA)
        curation.correct(s, theirs["https://press.example/1"], "place", "Saint-Louis", AMINA)
        curation.correct(s, theirs["https://press.example/2"], "status", "ratified", AMINA)
        curation.rename(s, _home(there, 3), "The Tunis agreement", AMINA)
        curation.merge(s, _home(there, 3), _home(there, 4), AMINA)
    with here.database.begin() as s:
        curation.confirm(s, _home(here, 0), KARIM)
        curation.correct(s, mine["https://press.example/2"], "place", "Mombasa", KARIM)
        curation.rename(s, _home(here, 3), "The agreement of Tunis", KARIM)
        curation.merge(s, _home(here, 3), _home(here, 4), KARIM)
        curation.split(s, _home(here, 3), [mine["https://press.example/4"]], KARIM)
    done = take_in(here, export(there, tmp_path / "there.zip"))
    assert [one.outcome for one in done.fates] == [
        DecisionOutcome.CONTRADICTS,  # no report, but karim confirmed it
        DecisionOutcome.TAKEN,
        DecisionOutcome.TAKEN,  # amina's second thought contradicts nobody
        DecisionOutcome.TAKEN,
        DecisionOutcome.CONTRADICTS,  # another name
        DecisionOutcome.CONTRADICTS,  # karim put them together first, and then apart
    ]
    first = done.fates[0]
    assert first.against is not None
    assert (first.against.who, first.title) == ("karim", line(0)["title"])
    places = {one[3] for one in register(here)}
    assert {"Saint-Louis", "Mombasa", "Accra"} <= places
    assert _home(here, 3) != _home(here, 4)
    with here.database.read() as s:
        kept = decisions(s)
    assert len(kept) == 11
    assert [one.undone_by for one in kept if one.who == "amina" and one.undone_at] == [
        "import, against decision 1",
        "import, against decision 3",
        "import, against decision 5",
    ]


def _home(of: Installation, number: int) -> str:
    document = numbers(of)[f"https://press.example/{number}"]
    with of.database.read() as s:
        return agreements_of(s, [document])[document]


def test_who_gives_way_takes_the_decision_of_the_other_side(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    for one in (there, here):
        add(one, line(0))
    url = "https://press.example/0"
    with there.database.begin() as s:
        curation.set_irrelevant(s, numbers(there)[url], AMINA)
    with here.database.begin() as s:
        mine = curation.confirm(s, _home(here, 0), KARIM).number
    file = export(there, tmp_path / "there.zip")
    take_in(here, file)
    assert len(register(here)) == 1
    with here.database.begin() as s:
        curation.undo(s, mine, KARIM)
    (fate,) = take_in(here, file).fates
    assert (fate.outcome, register(here)) == (DecisionOutcome.TAKEN, [])


def test_what_is_undone_there_is_undone_here(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    add(there, line(0))
    with there.database.begin() as s:
        number = curation.set_irrelevant(s, numbers(there)["https://press.example/0"], AMINA).number
    take_in(here, export(there, tmp_path / "there.zip"))
    assert register(here) == []
    with there.database.begin() as s:
        curation.undo(s, number, AMINA)
    (fate,) = take_in(here, export(there, tmp_path / "there.zip")).fates
    assert (fate.outcome, len(register(here))) == (DecisionOutcome.UNDONE, 1)


def test_a_document_that_a_person_added_is_a_report_here(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    add(there, SILENT)
    fields = {"parties": "IT,TN", "status": "signed"}
    with there.database.begin() as s:
        curation.set_relevant(s, numbers(there)[SILENT["source_url"]], fields, AMINA)
    take_in(here, export(there, tmp_path / "there.zip"))
    assert register(here) == register(there)
    assert register(here)[0][1] == ("IT", "TN")


def test_the_later_text_is_the_present_one_and_the_others_are_versions(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    texts = [f"{SILENT['text']} It was edition number {name}." for name in ("one", "two", "three")]
    early, middle, late = (SILENT | {"text": text} for text in texts)
    for hours, one in enumerate((early, middle, late)):
        add(there, one, at=NOW + timedelta(hours=hours))
    # Seen here last, but the other side knows that it is the first one.
    add(here, early, at=NOW + timedelta(hours=5))
    file = export(there, tmp_path / "there.zip")
    done = take_in(here, file)
    assert (done.documents.renewed, done.documents.versions) == (1, 1)
    assert _texts(here) == texts
    # The other side has all of it already, and what it says stays.
    take_in(there, export(here, tmp_path / "here.zip"))
    assert _texts(there) == texts


def test_of_two_texts_that_neither_knew_the_one_seen_last_is_the_present_one(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    texts = [f"{SILENT['text']} It was edition number {name}." for name in ("one", "two")]
    add(there, SILENT | {"text": texts[0]}, at=NOW)
    add(here, SILENT | {"text": texts[1]}, at=NOW + timedelta(hours=1))
    file = export(here, tmp_path / "here.zip")
    assert take_in(here, export(there, tmp_path / "there.zip")).documents.renewed == 0
    assert take_in(there, file).documents.renewed == 1
    assert _texts(here) == _texts(there) == texts


def _texts(of: Installation) -> list[str]:
    with of.database.read() as s:
        return [one.text for one in versions_of(s, numbers(of)[SILENT["source_url"]])]


@pytest.mark.parametrize("seen_here", [(2,), (1, 2, 3)])
def test_reports_on_a_watched_page_are_those_that_either_side_saw(
    here: Installation, there: Installation, tmp_path: Path, seen_here: tuple[int, ...]
) -> None:
    _watch(there, 1, 2)
    _watch(here, *seen_here)
    file = export(there, tmp_path / "there.zip")
    done = take_in(here, file)
    assert done.faults == []
    told = {(one[1], one[2], one[4]) for one in register(here)}
    assert {(one[1], one[2], one[4]) for one in register(there)} <= told
    assert len(register(here)) == (4 if 3 in seen_here else 3)
    before = contents(here)
    take_in(here, file)
    assert contents(here) == before


def _watch(of: Installation, *looks: int) -> None:
    """Look at a page that reports one agreement more at each look, and two at the first."""
    rules, before = load_rules(), None
    for look in looks:
        paragraphs = [f"{line(n)['title']}. {line(n)['text']}" for n in range(look + 1)]
        page = Document(
            title="Press releases",
            text="\n".join(paragraphs),
            language="en",
            url="https://ministry.example/press",
            kind=DocumentKind.HTML,
        )
        at = NOW + timedelta(minutes=look)
        judged = judge_page(page, rules, before=before, seen_on=at.date())
        before = page.text
        with of.database.begin() as s:
            ingest(s, [judged], (), now=at, run_id=None, crawl=True, max_age_days=30)


def test_rows_of_lists_are_known_here_too_and_no_news(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    _list(there, tmp_path)
    file = export(there, tmp_path / "there.zip")
    done = take_in(here, file)
    assert (done.lists.read, done.lists.stored, done.owed) == (3, 3, [])
    before = contents(here)
    assert contents(there)["agreement_parties"] == before["agreement_parties"]
    take_in(here, file)
    assert contents(here) == before
    with here.database.begin() as s:
        (imported,) = decisions(s)
        curation.undo(s, imported.id, KARIM)
    done = take_in(here, file)
    assert (done.lists.stored, done.lists.taken_back) == (0, {"ours"})


def _list(of: Installation, folder: Path) -> None:
    with opened_sheet(list_file(folder, ROWS)) as sheet:
        _, rows = read_list(sheet, ListWish(), "list.csv", NOW)
        import_list(of.database, rows, OURS, "amina", NOW)


def test_two_documents_that_only_share_an_id_stay_two(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    """Both sides counted their imports from 1."""
    add(there, line(0, id="1"), line(1, id="2", source_url=None))
    add(here, line(2, id="1"), line(3, id="2", source_url=None))
    file = export(there, tmp_path / "there.zip")
    take_in(here, file)
    assert len(register(here)) == 4
    before = contents(here)
    take_in(here, file)
    assert contents(here) == before


def test_an_undated_document_has_the_day_on_which_it_was_seen_there(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    add(there, line(0, published=None), at=NOW)
    take_in(here, export(there, tmp_path / "there.zip"), NOW + timedelta(days=90))
    assert register(here) == register(there)
    assert owed_titles(here) == set()


def test_the_agreements_there_lead_to_those_here(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    add(there, line(0), line(1))
    add(here, line(1))
    done = take_in(here, export(there, tmp_path / "there.zip"))
    assert [(one.there, one.here) for one in done.counterparts] == [
        ("A1", (_home(here, 0),)),
        ("A2", ("A1",)),
    ]


def test_nothing_is_taken_in_while_a_daemon_works(
    here: Installation, there: Installation, tmp_path: Path
) -> None:
    file = export(there, tmp_path / "there.zip")
    with alone(here.database), pytest.raises(BusyError, match="wait for it, or stop it"):
        take_in(here, file)
