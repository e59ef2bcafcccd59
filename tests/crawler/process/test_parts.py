"""Cutting a text of several items."""

from __future__ import annotations

from crawler.process.parts import Part, added, cut, paragraphs_of, whole

LIST = """Agreements in force
Switzerland and Tunisia signed a migration partnership on 11 June 2012 in Tunis.

Switzerland and Kosovo signed a migration partnership on 3 February 2010 in Pristina."""
SECTIONS = """The ministry lists its partners here, the newest first.
Tunisia
The partnership was signed in Tunis on 11 June 2012.
It covers returns and visas.
Kosovo
The partnership was signed in Pristina on 3 February 2010."""


def said(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    return [(part.heading, part.text) for part in parts]


def of(text: str) -> Part:
    part = whole(text)
    assert part is not None
    return part


def test_a_paragraph_knows_where_it_stands() -> None:
    text = "  One.\r\n\n\tTwo. \nThree."
    assert [text[paragraph.start : paragraph.end] for paragraph in paragraphs_of(text)] == [
        "One.",
        "Two.",
        "Three.",
    ]


def test_nothing_has_no_parts() -> None:
    assert whole(" \n ") is None
    assert added("", " \n ") == ()


def test_sections_stand_below_their_headings() -> None:
    assert said(cut(of(SECTIONS))) == [
        ("", "The ministry lists its partners here, the newest first."),
        (
            "Tunisia",
            "The partnership was signed in Tunis on 11 June 2012.\nIt covers returns and visas.",
        ),
        ("Kosovo", "The partnership was signed in Pristina on 3 February 2010."),
    ]


def test_without_headings_each_paragraph_is_a_part_under_what_stands_above_all() -> None:
    ((heading, text),) = said(cut(of(LIST)))
    assert heading == "Agreements in force"
    items = cut(cut(of(LIST))[0])
    assert [part.heading for part in items] == [heading, heading]
    assert "\n".join(part.text for part in items) == text


def test_lines_of_one_length_are_items_and_not_headings() -> None:
    items = "Switzerland - Tunisia, 11 June 2012\nSwitzerland - Kosovo, 3 February 2010\nSwitzerland - Serbia, 30 June 2009"
    assert [part.text for part in cut(of(items))] == items.splitlines()


def test_a_part_says_where_it_stands_in_the_text() -> None:
    for part in cut(of(SECTIONS)):
        assert SECTIONS[part.start : part.end] == part.text


def test_what_cannot_be_cut_is_one_part() -> None:
    part = of("One paragraph alone.")
    assert cut(part) == (part,)


def test_what_was_not_there_before_is_added_under_its_heading() -> None:
    now = SECTIONS.replace(
        "Kosovo\n",
        "Morocco\nThe partnership was signed in Rabat today.\nIt covers visas.\nKosovo\n",
    )
    assert said(added(SECTIONS, now)) == [
        ("Morocco", "The partnership was signed in Rabat today.\nIt covers visas."),
    ]


def test_what_moved_left_or_changed_its_quotation_marks_is_not_added() -> None:
    lines = [
        "First came the talks.",
        "Then 'the partnership' was signed.",
        "At last it was ratified.",
    ]
    assert added("\n".join(lines), "\n".join(reversed(lines))) == ()
    assert added("\n".join(lines), lines[0]) == ()
    assert added(lines[1], lines[1].replace("'", '"')) == ()


def test_new_paragraphs_apart_from_each_other_are_parts_of_their_own() -> None:
    assert said(added("Old one.", "New one.\nOld one.\nNew two.\nNew three.")) == [
        ("", "New one."),
        ("", "New two.\nNew three."),
    ]
