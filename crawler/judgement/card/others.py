"""Acts of others: what is told of states that are no party to the agreement in the news.

"Rwanda signed a similar deal in June", in a report of Uganda's, is the background of another
agreement. It says nothing of the status, and gives no day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crawler.judgement.card.acts import Clauses, Voice
from crawler.judgement.card.parties.parties import Parties
from crawler.judgement.text.reading import Reading
from storage.records import Zone

_UNION = "EU"
_NAMED_BY = frozenset(("state", "nationals"))  # a capital is often only where they met


def without_others(
    clauses: Clauses, parties: Parties, union: frozenset[str], reading: Reading
) -> Clauses:
    """Return the clauses with the acts of others marked as background.

    `parties` and `clauses` come from the same reading; `union` are the states of the European
    Union, which stand for it.
    """
    if len(parties.codes) < 2:
        return clauses
    own = set(parties.codes) | (union if _UNION in parties.codes else set())
    foreign = frozenset(_foreign_sentences(parties, own, reading))
    if not foreign:
        return clauses
    acts = tuple(
        act._replace(voice=Voice.OLD)
        if act.hit.sentence in foreign and act.voice is not Voice.OLD
        else act
        for act in clauses.acts
    )
    return replace(clauses, acts=acts)


def _foreign_sentences(parties: Parties, own: set[str], reading: Reading) -> Iterable[int]:
    """Return the sentences below the title that name states, and none of the parties."""
    for sentence, named in parties.named_in.items():
        codes = {code for _, code in named}
        if reading.sentences[sentence].zone is Zone.TITLE or codes & own:
            continue
        if any(kind in _NAMED_BY for kind, _ in named):
            yield sentence
