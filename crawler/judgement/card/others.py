"""Acts of others: what a report tells of agreements beside the one in the news.

"Rwanda signed a similar deal in June", in a report of Uganda's, and "a deal struck in 2023 fell
through" are background. They say nothing of the status, and give no day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crawler.judgement.card.parties.parties import Parties
from crawler.judgement.card.records import Clauses, Voice
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Zone

_UNION = "EU"
_NAMED_BY = frozenset(("state", "nationals"))  # a capital is often only where they met
_SIMILAR = "modality.similar"
_BESIDE = 2  # tokens: "a similar labour deal", "un accord bilatéral semblable"


def without_others(
    clauses: Clauses, parties: Parties, union: frozenset[str], reading: Reading
) -> Clauses:
    """Return the clauses with the acts of other agreements marked as background.

    `parties` and `clauses` come from the same reading; `union` are the states of the European
    Union, which stand for it.
    """
    others = frozenset(
        sentence
        for sentence in (
            *_of_strangers(parties, union, reading),
            *(hit.sentence for hit in clauses.objects if _is_another(hit, clauses, reading)),
        )
        if reading.sentences[sentence].zone is not Zone.TITLE
    )
    if not others:
        return clauses
    acts = tuple(
        act._replace(voice=Voice.OLD) if act.hit.sentence in others else act for act in clauses.acts
    )
    return replace(clauses, acts=acts)


def _of_strangers(parties: Parties, union: frozenset[str], reading: Reading) -> Iterable[int]:
    """Yield the sentences that name states, and no party, or a stranger beside a similar deal."""
    if len(parties.codes) < 2:
        return
    own = set(parties.codes) | (union if _UNION in parties.codes else set())
    similar = {hit.sentence for hit in reading.hits.get(_SIMILAR, ())}
    for sentence, named in parties.named_in.items():
        strangers = {code for kind, code in named if kind in _NAMED_BY} - own
        if strangers and (sentence in similar or not {code for _, code in named} & own):
            yield sentence


def _is_another(hit: Hit, clauses: Clauses, reading: Reading) -> bool:
    """Whether an agreement of the past is brought up as one: "a pact of 2023", "un accord de 2006".

    With a definite article it would be the agreement in the news, told with its year.
    """
    if hit.token not in clauses.past:
        return False
    start = reading.sentences[hit.sentence].start
    before = range(hit.token - 1, hit.token - 1 - _BESIDE, -1)
    return any(
        token >= 0
        and reading.spaces[token] + 1 >= start
        and reading.word(token) in reading.grammar.indefinite
        for token in before
    )
