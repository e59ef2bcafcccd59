"""One signature that is told again with another day stays one entry: a second one would be a second
alert about the same thing.
"""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.judge import Rules
from crawler.process.process import judge_document
from storage.records import DateBasis, Document
from tests.eval.entries import register_of

_PACT = "The accord provides for the return of irregular migrants to Niger."
_SIGNED = ("Morocco and Niger sign readmission agreement", "2024-05-10")
_THURSDAY = f"Morocco and Niger signed a readmission agreement in Rabat on Thursday. {_PACT}"
_FRIDAY = f"Morocco and Niger signed a readmission agreement in Rabat on Friday. {_PACT}"


def _entries(rules: Rules, *told: tuple[str, str, str]) -> int:
    """Return how many entries these reports form, each with its title, day of print and text."""
    documents = [
        Document(
            title=title,
            text=text,
            published_on=date.fromisoformat(published),
            outlet=f"outlet-{number}.example",
            external_id=f"r{number}",
            language="en",
        )
        for number, (title, published, text) in enumerate(told)
    ]
    judged = [judge_document(one, rules, with_card=True) for one in documents]
    assert all(one.verdict.relevant for one in judged)
    assert all(
        one.verdict.card.event_date_basis is DateBasis.TEXT for one in judged if one.verdict.card
    )
    return len(register_of(judged))


@pytest.mark.parametrize(
    ("title", "published", "text"),
    [
        # Outlets that disagree by a day or two.
        (_SIGNED[0], "2024-05-11", _FRIDAY),
        (_SIGNED[0], "2024-05-13", _FRIDAY.replace("Friday", "Saturday")),
        # What is said of it a week later.
        (
            "Minister defends readmission agreement with Niger",
            "2024-05-17",
            "Morocco's interior minister on Thursday defended before parliament the readmission "
            f"agreement that was signed with Niger in Rabat. {_PACT}",
        ),
        (
            "Niger agreement will bring order, says minister",
            "2024-05-16",
            "The readmission agreement that Morocco and Niger signed will bring order to "
            f"migration, the interior minister of Morocco said on Wednesday. {_PACT}",
        ),
        (
            "Readmission agreement with Niger published",
            "2024-05-22",
            "Morocco on Tuesday published the readmission agreement with Niger which the interior "
            f"ministers signed in Rabat. {_PACT}",
        ),
    ],
)  # fmt: skip
def test_a_signature_that_is_told_again_is_one_entry(
    rules: Rules, title: str, published: str, text: str
) -> None:
    assert _entries(rules, (*_SIGNED, _THURSDAY), (title, published, text)) == 1


def test_a_signature_of_the_week_after_is_another_entry(rules: Rules) -> None:
    later = (_SIGNED[0], "2024-05-18", _FRIDAY)
    assert _entries(rules, (*_SIGNED, _THURSDAY), later) == 2
