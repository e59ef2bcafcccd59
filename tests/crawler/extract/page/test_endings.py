"""Where articles end."""

from __future__ import annotations

import pytest

from crawler.extract.page.endings import (
    completed,
    has_summary,
    is_cut,
    share_covered,
    without_foreign_lines,
    without_furniture,
)
from crawler.extract.page.metadata import LinkedArticle
from crawler.extract.page_words import named_words

FIRST = "The two ministers signed the agreement in Lima on Friday, after a year of talks."
SECOND = "It opens a hundred places for nurses, and returns are part of it, a spokesman said."
THIRD = "Both parliaments have to agree before it can enter into force next spring."


@pytest.mark.parametrize(
    "label",
    [
        "Read also",
        "À lire aussi :",
        "Lea también:",
        "Leggi anche",
        "Leia também",
        "Lesen Sie auch:",
        "اقرأ أيضًا:",
        "Related stories",
        "Mehr zum Thema",
        "مواضيع ذات صلة",
    ],
)
def test_headlines_under_a_label_are_no_text(label: str) -> None:
    teasers = "A ferry for both islands\nThe harvest was better than last year"
    assert (
        without_foreign_lines(f"{FIRST}\n{label}\n{teasers}\n{SECOND}")[0] == f"{FIRST}\n{SECOND}"
    )


@pytest.mark.parametrize(
    "line",
    [
        "Read also: A ferry for both islands from the spring.",
        "Lire aussi : Un bac reliera les deux îles",
        "Lea más: Un transbordador unirá las islas",
        "اقرأ أيضا: عبارة تربط الجزيرتين",
        "Subscribe to our newsletter for more stories.",
        "Suivez-nous sur Facebook et Twitter",
        "Folgen Sie uns auf Instagram",
        "تابعونا على صفحتنا",
        "© 2026 The Gazette. All rights reserved.",
        "Lesen Sie hier: Eine Fähre für beide Inseln",
        "Do you want to hear of our work? Sign up here",
        "This page contains affiliate links.",
        "¿Quieres saber más? Regístrate aquí",
        "هل تريد المزيد؟ سجل هنا",
        "Foto: A. Writer / Gazette",
        "Photo courtesy of: the ministry",
    ],
)
def test_a_line_that_leads_elsewhere_is_no_text(line: str) -> None:
    assert without_foreign_lines(f"{FIRST}\n{line}\n{SECOND}")[0] == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    [
        "Lire est un plaisir : la ministre ouvre une bibliothèque à Niamey.",
        "Read the agreement: it has twelve articles, and one of them is about returns.",
        "Download numbers of the app rose, the ministry said.",
        "Support for refugees remains, said the minister of the interior.",
        "Photo and fingerprints: what the new border system keeps, and for how long.",
        "Workers have to sign up with the embassy before they travel, the minister said.",
    ],
)
def test_a_sentence_that_begins_like_a_label_is_text(line: str) -> None:
    assert without_foreign_lines(f"{FIRST}\n{line}")[0] == f"{FIRST}\n{line}"


def test_calls_to_subscribe_are_no_text() -> None:
    calls = (
        "This article is for subscribers.",
        "Cet article est réservé aux abonnés",
        "هذا المحتوى للمشتركين",
    )
    for call in calls:
        assert without_foreign_lines(f"{FIRST}\n{call}") == (FIRST, True)
    assert without_foreign_lines(FIRST) == (FIRST, False)


def test_each_call_to_subscribe_has_a_word_that_is_looked_for_first() -> None:
    for part, calls in named_words("for_subscribers").items():
        assert all(part in call for call in calls), part


def linked(body: str) -> list[LinkedArticle]:
    return [LinkedArticle("", "", "", "", body)]


LONG = "\n".join((FIRST, SECOND, THIRD) * 2 + ("The end of it is here.",))


def test_a_text_that_was_cut_gets_its_end_from_the_page_s_own_data() -> None:
    assert completed(f"{FIRST}\n{SECOND}", linked(LONG)) == LONG
    in_one_line = f"{FIRST} {SECOND} {THIRD} " + f"{THIRD} " * 4
    assert completed(f"{FIRST}\n{SECOND}", linked(in_one_line)).startswith(
        f"{FIRST}\n{SECOND}\n{THIRD}"
    )
    assert (
        completed(f"{FIRST}\n{SECOND}", linked(f"<p>{FIRST}</p><p>{SECOND}</p>" * 4)).count(FIRST)
        == 4
    )


def test_what_follows_the_end_is_dropped() -> None:
    assert completed(f"{LONG}\nA ferry for both islands", linked(LONG)) == LONG


def test_data_that_tell_another_text_or_a_part_of_it_change_nothing() -> None:
    other = "Rain closed the mountain pass for the third time in a week, the police said. " * 8
    for body in ("", FIRST, other, f"{LONG[:420]}...", f"{LONG[:420]} …"):
        text = f"{LONG}\nA ferry for both islands"
        assert completed(text, linked(body)) == text


# --- whether a text is the whole article ----------------------------------------------------------

SUMMARY = (
    "Peru and Chile signed a protocol which lets hundreds of nurses cross their border yearly."
)
TEXT = (
    "A protocol that Peru signed with Chile lets nurses cross the border: hundreds of them, yearly."
)


def test_a_text_has_what_its_summary_says_in_whatever_order_and_form() -> None:
    assert share_covered(TEXT, [SUMMARY]) >= 0.8
    assert has_summary(share_covered(TEXT, [SUMMARY]))


def test_of_several_summaries_the_one_counts_that_a_text_lacks_most() -> None:
    other = "Fishermen along both coasts protest against quotas, prices, taxes, tariffs and delays."
    assert share_covered(TEXT, [SUMMARY, other]) == 0


def test_a_summary_of_a_few_words_tells_nothing() -> None:
    assert share_covered(TEXT, ["Fishermen protest", ""]) == 1


def test_a_long_text_is_not_cut_because_its_summary_is_a_free_one() -> None:
    assert is_cut(TEXT, 0.1)
    assert not is_cut(TEXT, 0.6)
    assert not is_cut(TEXT * 20, 0.1)


# --- bylines --------------------------------------------------------------------------------------

_STORY = "Le Maroc et le Niger ont signé un accord."


@pytest.mark.parametrize(
    "line",
    [
        "Maroc : accord signé",
        "Par Awa Diallo",
        "By Awa Diallo and John O'Neil",
        "Von Anna von der Heide",
        "بقلم أحمد الفاسي",
        "AWA DIALLO",
        "Publié le 11 mars 2024 à 20h00",
        "Updated: 11 March 2024, 20:00",
        "11/03/2024 - 20:00",
        "Facebook Twitter WhatsApp",
        "مشاركة",
    ],
)
def test_furniture_above_the_story_goes(line: str) -> None:
    assert without_furniture(f"{line}\n{_STORY}", "Maroc : accord signé", "Awa Diallo") == _STORY


@pytest.mark.parametrize(
    "line",
    [
        "Par cet accord, Rabat et Niamey s'engagent contre les passeurs",
        "By Friday all parties had agreed to the text",
        "Di nuovo insieme Italia e Tunisia",
        "Von Marokko nach Spanien kamen weniger Menschen",
        "Posted workers: what the new agreement says",
        "Partager les informations sur les réseaux",
        "Publié le 11 mars 2024, l'accord prévoit un comité mixte.",
        "Par Awa Diallo.",
    ],
)
def test_a_line_of_the_story_stays(line: str) -> None:
    assert without_furniture(f"{line}\n{_STORY}", "Un titre", None) == f"{line}\n{_STORY}"


def test_further_down_a_byline_is_part_of_the_story() -> None:
    text = "\n".join([_STORY] * 6 + ["Par Awa Diallo"])
    assert without_furniture(text, "", None) == text


def test_an_endless_line_is_text_and_not_searched() -> None:
    line = "1" * 200_000 + "x"
    assert without_furniture(line, "Titre", None) == line
