"""What of a second reader's answer is proven by the text.

An answer is never believed without proof. Its quote has to stand in the text, its parties have to
be states or bodies that the gazetteer knows, and its day has to be one that the text or the day of
publication can give; otherwise it counts as unclear.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from crawler.judgement.card.dates.date_mentions import find_dates
from crawler.judgement.card.parties.party_mentions import codes_named
from crawler.judgement.judge import Rules, read_document
from crawler.judgement.text.reading import complete
from crawler.reader.answer import Answer, ReadBy
from crawler.reader.quotes import stands_in
from storage.records import Card, Document, Instrument, SecondReading, Status, Topic

_LEAST_PARTIES = 2
_FRESH = timedelta(days=7)  # a step is news for about a week


def prove(
    answer: Answer,
    document: Document,
    rules: Rules,
    party_of: Callable[[str], str | None],
    by: ReadBy,
) -> SecondReading:
    """Return what of an answer is proven by the document. A "yes" that lacks a proof becomes
    "unclear"; `doubt` names what lacks it: "quote", "parties" or "day".
    """
    if answer.answer != "yes":
        return SecondReading(answer.answer, *by, cause=answer.cause)
    known = (party_of(name) for name in answer.parties)
    parties = tuple(sorted({code for code in known if code is not None}))
    day = day_of_answer(answer.day)
    doubt = ""
    if not stands_in(answer.quote, document):
        doubt = "quote"
    elif len(parties) < _LEAST_PARTIES or not named_parties(document, rules).issuperset(parties):
        doubt = "parties"
    elif answer.day and (day is None or not can_be(day, document, rules)):
        doubt = "day"
    if doubt:
        return SecondReading("unclear", *by, doubt=doubt)
    card = Card(
        parties=parties,
        instrument=Instrument(answer.kind) if answer.kind else None,
        topics=tuple(Topic(topic) for topic in dict.fromkeys(answer.topics)),
        status=Status(answer.status) if answer.status else None,
        event_date=day,
    )
    quote = answer.quote.strip()
    return SecondReading("yes", *by, card, quote=quote, agreement=answer.agreement)


def day_of_answer(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def named_parties(document: Document, rules: Rules) -> frozenset[str]:
    """Return the codes of all states and bodies that a document names in any way that the gazetteer
    knows: by name, adjective, capital, province or office.
    """

    return codes_named(complete(read_document(document, rules), rules.lexicon), rules.tables)


def can_be(day: date, document: Document, rules: Rules) -> bool:
    """Whether a day is named in the text, or lies in the week up to the day of publication."""
    published_on = document.published_on
    if published_on is not None and timedelta() <= published_on - day <= _FRESH:
        return True

    reading = complete(read_document(document, rules), rules.lexicon)
    return any(mention.day == day for mention in find_dates(reading, published_on))
