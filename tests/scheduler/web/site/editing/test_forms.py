"""Editing on the page: decisions as the command line takes them, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from storage.database.session import Session
from storage.lists import queries
from storage.records import Status
from storage.register.decisions import decisions
from storage.register.entry import Decision
from tests.scheduler.web.site.editing.filled_forms import Fields, fill, form_in, send
from tests.scheduler.web.site.running import Answer, Site, database_of, serving
from tests.storage.given import NOW, card, judged


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    """A1 has documents 1, 2 and 5, A2 document 3, and A3 document 4."""
    news = [
        judged(1),
        judged(2),
        judged(3, card=card(parties=("IT", "TN"), status=Status.NEGOTIATING)),
        judged(4, card=card(parties=("DE", "KE"))),
        judged(5),
    ]
    with serving(tmp_path, *news, editor="amina") as site:
        yield site


def decided(site: Site) -> list[Decision]:
    with database_of(site).read() as s:
        return decisions(s)


def homes(site: Site) -> dict[int, str]:
    with database_of(site).read() as s:
        return queries.agreements_of(s, range(1, 20))


def form(site: Site, page: str, action: str) -> Fields:
    return form_in(site.ask(page), action)


def undo(site: Site, shown: Answer, number: int) -> Answer:
    action = f"/decisions/{number}/undo"
    return send(site, action, form_in(shown, action))


def in_terminal(site: Site, who: str = "ben") -> Curator:
    return Curator(who, "read the text", NOW)


def test_a_field_is_corrected_and_the_correction_undone(editing: Site) -> None:
    action = "/documents/3/correct"
    filled = fill(form(editing, "/documents/3/edit", action), parties="IT, Libya", why="a typo")
    answer = send(editing, action, filled)
    assert (answer.code, answer.headers["location"]) == (303, "/agreements/A2?done=1")
    assert [
        (decision.who, decision.why, decision.pins[0].value) for decision in decided(editing)
    ] == [("amina", "a typo", "IT,LY")]
    shown = editing.ask("/agreements/A2?done=1")
    assert "corrected document 3: Parties is Italy and Libya" in shown.text
    assert undo(editing, shown, 1).headers["location"] == "/agreements/A2?done=1"
    assert decided(editing)[0].undone_by == "amina"
    assert "Tunisia" in editing.ask("/agreements/A2").text


def test_what_an_entry_says_is_corrected_where_correct_leads(editing: Site) -> None:
    assert 'href="/agreements/A1/edit"' in editing.ask("/agreements/A1").text
    action = "/agreements/A1/correct"
    filled = fill(form(editing, "/agreements/A1/edit", action), event_date="2026-03-08", place="")
    faulty = send(editing, action, fill(filled, parties="Atlantis, MA"))
    assert faulty.code == 422
    assert "Unknown: Atlantis." in faulty.text
    assert 'value="2026-03-08"' in faulty.text
    answer = send(editing, action, filled)
    assert answer.headers["location"].startswith("/agreements/A1?done=1")
    shown = editing.ask("/agreements/A1?done=1").text
    assert "corrected documents 1, 2 and 5: Date is 8 March 2026" in shown
    assert all(decision.agreement_id == "A1" for decision in decided(editing))


def test_only_fields_that_differ_are_decisions(editing: Site) -> None:
    action = "/documents/3/correct"
    untouched = form(editing, "/documents/3/edit", action)
    answer = send(editing, action, untouched)
    assert answer.code == 422
    assert "Nothing was changed in the form" in answer.text
    filled = fill(untouched, status="signed", event_date="2026-03-09")
    assert send(editing, action, filled).headers["location"].endswith("?done=1,2")
    assert {decision.pins[0].field for decision in decided(editing)} == {"status", "event_date"}
    assert {decision.why for decision in decided(editing)} == {"decided on the page"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("parties", "Atlantis"),
        ("parties", ""),
        ("status", "signed,ratified"),
        ("instrument", "handshake"),
        ("topics", "football"),
        ("event_date", "2026-02-30"),
        ("place", "x" * 10_240),
        ("why", "x" * 10_240),
    ],
)
def test_a_value_that_means_nothing_is_named_and_nothing_kept(
    editing: Site, field: str, value: str
) -> None:
    action = "/documents/3/correct"
    filled = fill(form(editing, "/documents/3/edit", action), **{field: value})
    answer = send(editing, action, filled)
    assert answer.code == 422
    assert 'class="fault"' in answer.text
    assert len(answer.text) < 40_000
    assert decided(editing) == []


def test_characters_that_no_database_keeps_are_left_out(editing: Site) -> None:
    action = "/documents/3/correct"
    filled = fill(form(editing, "/documents/3/edit", action), place="Tu\0nis\u202e", why="\0")
    assert send(editing, action, filled).code == 303
    assert decided(editing)[0].pins[0].value == "Tunis"


def test_two_agreements_are_compared_and_merged_and_parted_again(editing: Site) -> None:
    shown = editing.ask("/agreements/A3/merge?other=a2")
    assert shown.text.count('class="headline"') == 2
    action = "/agreements/A3/merge"
    answer = send(editing, action, form_in(shown, action))
    assert answer.headers["location"] == "/agreements/A2?done=1"
    assert editing.ask("/agreements/A3").headers["location"] == "/agreements/A2"
    merged = editing.ask("/agreements/A2?done=1")
    assert "merged A3 into A2" in merged.text
    assert "Merged into this entry: <bdi>A3</bdi>" in " ".join(merged.text.split())
    assert undo(editing, merged, 1).code == 303
    assert homes(editing) == {1: "A1", 2: "A1", 3: "A2", 4: "A3", 5: "A1"}


@pytest.mark.parametrize(
    ("other", "expected"),
    [("A99", "no agreement A99"), ("", "no agreement"), ("A1", "is this agreement")],
)
def test_no_agreement_is_merged_with_itself_or_with_none(
    editing: Site, other: str, expected: str
) -> None:
    answer = editing.ask(f"/agreements/A1/merge?other={other}")
    assert answer.code == 422
    assert expected in answer.text


def test_ticked_reports_are_split_off(editing: Site) -> None:
    action = "/agreements/A1/split"
    filled = fill(form(editing, "/agreements/A1/edit", action), document="2")
    assert send(editing, action, filled).headers["location"] == "/agreements/A1?done=1"
    assert homes(editing)[1] != homes(editing)[2]
    assert "split document 2 off A1" in editing.ask("/agreements/A1?done=1").text


@pytest.mark.parametrize("ticked", [[], ["1", "2", "5"], ["x"]])
def test_a_split_needs_some_that_leave_and_some_that_stay(editing: Site, ticked: list[str]) -> None:
    action = "/agreements/A1/split"
    filled = form(editing, "/agreements/A1/edit", action)
    answer = send(editing, action, [*filled, *(("document", one) for one in ticked)])
    assert answer.code == 422
    assert "at least one report" in answer.text.lower()
    assert decided(editing) == []


def test_a_report_is_moved_or_ruled_out(editing: Site) -> None:
    action = "/documents/2/move"
    filled = fill(form(editing, "/documents/2/edit", action), target="a3")
    assert send(editing, action, filled).headers["location"] == "/agreements/A3?done=1"
    assert homes(editing)[2] == "A3"
    assert "moved document 2 from A1 to A3" in editing.ask("/agreements/A3?done=1").text
    action = "/documents/3/irrelevant"
    answer = send(editing, action, form(editing, "/documents/3/edit", action))
    assert answer.headers["location"] == "/decisions?done=2"
    assert 3 not in homes(editing)
    assert "belongs to no agreement" in editing.ask("/documents/3/edit").text


@pytest.mark.parametrize(("target", "expected"), [("A99", "no agreement A99"), ("A1", "already")])
def test_a_report_moves_to_another_agreement_only(
    editing: Site, target: str, expected: str
) -> None:
    action = "/documents/2/move"
    answer = send(editing, action, fill(form(editing, "/documents/2/edit", action), target=target))
    assert answer.code == 422
    assert expected in answer.text


def test_a_name_is_what_every_reader_sees(editing: Site) -> None:
    action = "/agreements/A2/rename"
    filled = fill(form(editing, "/agreements/A2/edit", action), name="The workers' accord")
    assert send(editing, action, filled).code == 303
    assert "<h1>The workers&#39; accord</h1>" in editing.ask("/agreements/A2").text
    assert send(editing, action, fill(filled, name="x" * 200)).code == 409  # it has changed


# --- two editors ---------------------------------------------------------------------------------


def test_who_comes_second_sees_what_the_first_did_and_can_do_it_again(editing: Site) -> None:
    action = "/documents/3/correct"
    first = form(editing, "/documents/3/edit", action)
    second = fill(first, parties="IT, LY", why="read it again")
    assert send(editing, action, fill(first, status="signed", why="the minister")).code == 303
    answer = send(editing, action, second)
    assert answer.code == 409
    for part in ("Status is signed", "the minister", "Parties is Italy and Libya", "read it again"):
        assert part in answer.text
    assert len(decided(editing)) == 1
    again = send(editing, action, form_in(answer, action))
    assert again.headers["location"] == "/agreements/A2?done=2"
    fields = {decision.pins[0].field: decision.pins[0].value for decision in decided(editing)}
    assert fields == {"status": "signed", "parties": "IT,LY"}


def test_a_form_about_an_agreement_that_went_up_in_another_does_nothing(editing: Site) -> None:
    action = "/agreements/A2/rename"
    filled = fill(form(editing, "/agreements/A2/edit", action), name="Ours")
    with database_of(editing).begin() as s:
        curation.merge(s, "A1", "A2", in_terminal(editing))
    answer = send(editing, action, filled)
    assert answer.code == 409
    assert "merged A2 into A1" in answer.text
    assert "ben" in answer.text


def test_a_form_about_what_was_ruled_out_meanwhile_cannot_be_sent_again(editing: Site) -> None:
    action = "/documents/3/correct"
    filled = fill(form(editing, "/documents/3/edit", action), status="signed")
    with database_of(editing).begin() as s:
        curation.set_irrelevant(s, 3, in_terminal(editing))
    answer = send(editing, action, filled)
    assert answer.code == 409
    assert "A2 is no longer in the register" in answer.text
    assert f'action="{action}"' not in answer.text


def test_what_was_undone_meanwhile_is_told_too(editing: Site) -> None:
    with database_of(editing).begin() as s:
        number = curation.correct(s, 3, "status", "signed", in_terminal(editing)).number
    action = "/documents/3/correct"
    filled = fill(form(editing, "/documents/3/edit", action), place="Tunis")
    with database_of(editing).begin() as s:
        curation.undo(s, number, in_terminal(editing, "carla"))
    answer = send(editing, action, filled)
    assert answer.code == 409
    assert "undone by carla" in answer.text


def test_a_decision_is_undone_once(editing: Site) -> None:
    action = "/documents/3/correct"
    send(editing, action, fill(form(editing, "/documents/3/edit", action), status="signed"))
    shown = editing.ask("/decisions")
    assert undo(editing, shown, 1).headers["location"] == "/decisions?done=1"
    again = undo(editing, shown, 1)
    assert again.code == 409
    assert "Decision 1 was undone already, by amina" in again.text


# --- the log -------------------------------------------------------------------------------------


def taken(s: Session, editing: Site, count: int) -> None:
    for number in range(count):
        curation.rename(s, "A1", f"Name {number}", in_terminal(editing))


def test_the_log_goes_on_page_by_page(editing: Site) -> None:
    with database_of(editing).begin() as s:
        taken(s, editing, 45)
    first = editing.ask("/decisions").text
    assert "Name 44" in first
    assert "Name 4”" not in first
    assert 'href="?before=6"' in first
    second = editing.ask("/decisions?before=6").text
    assert "Name 4”" in second
    assert "Name 5”" not in second


def test_the_log_of_one_agreement_leaves_out_the_others(editing: Site) -> None:
    with database_of(editing).begin() as s:
        taken(s, editing, 1)
        curation.correct(s, 3, "status", "signed", in_terminal(editing))
    assert "corrected document 3" in editing.ask("/decisions?agreement=A2").text
    assert "Name 0" not in editing.ask("/decisions?agreement=A2").text
    assert "Name 0" in editing.ask("/decisions?agreement=a1").text
    assert editing.ask("/decisions?agreement=A99").code == 404


def test_the_log_of_one_person_has_what_they_took_and_what_they_undid(editing: Site) -> None:
    with database_of(editing).begin() as s:
        curation.rename(s, "A1", "Name 0", in_terminal(editing))
        number = curation.rename(s, "A1", "Name 1", in_terminal(editing, "carla")).number
        curation.rename(s, "A1", "Name 2", in_terminal(editing, "carla"))
        curation.undo(s, number, in_terminal(editing, "Zoë & co"))
    carla = editing.ask("/decisions?who=CARLA")
    assert [f"Name {n}”" in carla.text for n in range(3)] == [
        False,
        True,
        True,
    ]
    assert '<option value="carla" selected>' in carla.text
    assert 'href="/decisions?who=carla"' in carla.text
    undone = editing.ask("/decisions?who=Zo%C3%AB+%26+co").text
    assert [f"Name {n}”" in undone for n in range(3)] == [False, True, False]
    assert "Name 2”" not in editing.ask("/decisions?agreement=A1&who=Zo%C3%AB+%26+co").text


def test_who_differs_by_capitals_alone_has_a_log_of_their_own(editing: Site) -> None:
    people = ("carla", "Carla", "CARLA")
    with database_of(editing).begin() as s:
        for who in people:
            curation.rename(s, "A1", f"Name by {who}", in_terminal(editing, who))
    for who in people:
        shown = editing.ask(f"/decisions?who={who}").text
        assert [person for person in people if f"Name by {person}”" in shown] == [who]


def test_the_log_of_one_person_goes_on_page_by_page(editing: Site) -> None:
    with database_of(editing).begin() as s:
        curation.rename(s, "A1", "Name of carla", in_terminal(editing, "carla"))
        taken(s, editing, 45)
        who = in_terminal(editing).who
    first = editing.ask(f"/decisions?who={who}").text
    assert f'href="?before=7&amp;who={who}"' in first
    last = editing.ask(f"/decisions?before=7&who={who}").text
    # The first of these says which name it replaced; the decision of carla is not among them.
    assert "/decisions/2/undo" in last
    assert "/decisions/1/undo" not in last
    assert "named A1 “Name of carla”" not in last


def test_a_person_who_decided_nothing_is_named_and_nothing_else_is_shown(editing: Site) -> None:
    with database_of(editing).begin() as s:
        taken(s, editing, 1)
    answer = editing.ask("/decisions?who=carl%3Cb%3E")
    assert answer.code == 422
    assert "carl&lt;b&gt; has not decided anything." in answer.text
    assert "Name 0" not in answer.text


# --- who may -------------------------------------------------------------------------------------


def test_a_page_that_only_reads_has_no_form_and_takes_none(site: Site) -> None:
    assert '/edit"' not in site.ask("/agreements/A1").text
    assert site.ask("/agreements/A1/edit").code == 403
    assert site.ask("/documents/1/irrelevant", "POST", {"token": "x"}).code == 403
    assert 'class="undo"' not in site.ask("/decisions?done=1").text


@pytest.mark.parametrize(
    "action",
    [
        "/documents/3/correct",
        "/documents/3/move",
        "/documents/3/irrelevant",
        "/agreements/A1/split",
        "/agreements/A1/merge",
        "/agreements/A1/rename",
        "/decisions/1/undo",
    ],
)
def test_a_forged_form_changes_nothing(editing: Site, action: str) -> None:
    good = {"parties": "IT,LY", "target": "A1", "document": "2", "other": "A2", "name": "x"}
    assert editing.ask(action, "POST", good).code == 403
    assert editing.ask(action, "POST", {**good, "token": "0" * 64}).code == 403
    other = form(editing, "/documents/3/edit", "/documents/3/move")
    if action != "/documents/3/move":
        token = dict(other)["token"]
        assert editing.ask(action, "POST", {**good, "token": token}).code == 403
    assert decided(editing) == []


def test_a_form_of_another_site_is_refused(editing: Site) -> None:
    action = "/documents/3/irrelevant"
    good = form(editing, "/documents/3/edit", action)
    assert send(editing, action, good, Origin="https://evil.example").code == 403
    assert decided(editing) == []


def test_a_form_without_its_stamp_does_nothing(editing: Site) -> None:
    action = "/documents/3/irrelevant"
    good = form(editing, "/documents/3/edit", action)
    for stamp in ("", "x", "A1", "A2.zz.1.1"):
        answer = send(editing, action, fill(good, seen=stamp))
        assert answer.code == 422
        assert "The form is incomplete" in answer.text
    assert decided(editing) == []


@pytest.mark.parametrize(
    "path",
    ["/agreements/A99/edit", "/agreements/x/merge", "/documents/99/edit", "/documents/x/edit"],
)
def test_what_is_not_there_cannot_be_edited(editing: Site, path: str) -> None:
    assert editing.ask(path).code == 404


@pytest.mark.parametrize("language", ["en", "fr", "ar", "es"])
def test_each_form_and_decision_is_there_in_each_language(editing: Site, language: str) -> None:
    with database_of(editing).begin() as s:
        who = in_terminal(editing)
        curation.correct(s, 3, "topics", "visa,other", who)
        curation.correct(s, 3, "instrument", "treaty", who)
        curation.correct(s, 3, "event_date", "2026-03-01", who)
        curation.correct(s, 3, "place", "", who)
        curation.split(s, "A1", [2], who)
        curation.move(s, 2, "A3", who)
        curation.merge(s, "A1", "A2", who)
        curation.rename(s, "A1", "x", who)
        curation.set_irrelevant(s, 4, who)
    for path in ("/decisions", "/documents/1/edit", "/agreements/A1/edit"):
        shown = editing.ask(f"{path}?lang={language}")
        assert shown.code == 200
        assert f'lang="{language}"' in shown.text


def test_an_entry_is_ruled_out_in_one_act_and_its_address_says_by_whom(editing: Site) -> None:
    action = "/agreements/A1/irrelevant"
    answer = send(editing, action, form(editing, "/agreements/A1/edit", action))
    assert answer.headers["location"] == "/decisions?done=1"
    assert "A1" not in homes(editing).values()
    gone = editing.ask("/agreements/A1")
    assert gone.code == 410
    assert "A1 is not an agreement" in gone.text
    undo = "/decisions/1/undo"
    back = send(editing, undo, form(editing, "/agreements/A1", undo))
    assert back.code == 303
    assert editing.ask("/agreements/A1").code == 200


def test_an_entry_that_changed_under_the_form_is_not_ruled_out(editing: Site) -> None:
    action = "/agreements/A1/irrelevant"
    filled = form(editing, "/agreements/A1/edit", action)
    with database_of(editing).begin() as s:
        curation.set_irrelevant(s, 2, in_terminal(editing))
    assert send(editing, action, filled).code == 409
    assert editing.ask("/agreements/A1").code == 200


def test_no_agreement_needs_the_token_of_its_form(editing: Site) -> None:
    assert editing.ask("/agreements/A1/irrelevant", "POST", {"token": "x"}).code in (403, 422)
    assert editing.ask("/agreements/A99").code == 404


def test_an_entry_is_confirmed_on_its_page_and_says_by_whom(editing: Site) -> None:
    action = "/agreements/A2/confirm"
    sent = send(editing, action, form(editing, "/agreements/A2", action))
    assert sent.headers["location"] == "/agreements/A2?done=1"
    shown = editing.ask("/agreements/A2?done=1")
    assert "confirmed A2" in shown.text
    assert "Confirmed by a person: amina." in shown.text
    assert action not in shown.text
    undo(editing, shown, 1)
    assert "Confirmed by a person" not in editing.ask("/agreements/A2").text


# --- Right, Wrong and Correct in the register ----------------------------------------------------


def test_each_line_of_the_register_can_be_answered_without_script(editing: Site) -> None:
    for act, expected in (("confirm", "confirmed A2"), ("irrelevant", "is not")):
        shown = editing.ask("/?party=TN")
        action = f"/agreements/A2/{act}"
        sent = send(editing, action, form_in(shown, action))
        back = sent.headers["location"]
        assert back.startswith("/?party=TN&done=")
        assert expected in editing.ask(back).text
        number = int(back.rpartition("=")[2])
        undone = send(
            editing,
            f"/decisions/{number}/undo",
            form_in(editing.ask(back), f"/decisions/{number}/undo"),
        )
        assert undone.headers["location"] == back
    assert 'href="/agreements/A2/edit"' in editing.ask("/?party=TN").text


def test_what_a_person_confirmed_has_no_button_for_that(editing: Site) -> None:
    with database_of(editing).begin() as s:
        curation.confirm(s, "A2", in_terminal(editing))
    shown = editing.ask("/?party=TN").text
    assert "/agreements/A2/confirm" not in shown
    assert "/agreements/A2/irrelevant" in shown


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example/", "/\\evil.example", "/users", "/?a\nb"]
)
def test_an_answer_leads_to_no_other_place(editing: Site, back: str) -> None:
    action = "/agreements/A2/confirm"
    filled = fill(form(editing, "/?party=TN", action), back=back)
    assert send(editing, action, filled).headers["location"] == "/agreements/A2?done=1"


def test_an_answer_about_an_entry_that_changed_is_a_sentence_in_its_place(editing: Site) -> None:
    action = "/agreements/A2/confirm"
    filled = form(editing, "/?party=TN", action)
    with database_of(editing).begin() as s:
        curation.rename(s, "A2", "Another", in_terminal(editing))
    refused = send(editing, action, filled, **{"HX-Request": "true"})
    assert refused.code == 409
    assert refused.text.startswith('<p class="fault">')
    assert len(decided(editing)) == 1


def test_with_script_an_answer_and_its_undo_are_swapped_into_the_place_of_the_entry(
    editing: Site,
) -> None:
    script = {"HX-Request": "true"}
    for act, number in (("confirm", 1), ("irrelevant", 2)):
        action = f"/agreements/A2/{act}"
        swapped = send(editing, action, form(editing, "/?party=TN", action), **script)
        assert swapped.code == 200
        assert "<html" not in swapped.text
        assert '<article class="agreement answered" id="item-A2"' in swapped.text
        undo = f"/decisions/{number}/undo"
        back = send(editing, undo, form_in(swapped, undo), **script)
        assert '<article id="item-A2"' in back.text
        assert "data-open" in back.text
        assert action in back.text


def test_a_question_mark_in_an_id_is_no_fault_of_ours(editing: Site) -> None:
    action = "/agreements/A1/confirm"
    sent = form(editing, "/agreements/A1", action)
    assert send(editing, "/agreements/A1%3Fx/confirm", sent).code == 403
    assert decided(editing) == []
