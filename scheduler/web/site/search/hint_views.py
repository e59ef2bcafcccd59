"""The hint that the search page gives where nothing was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.searching.hints import hint_for, left_out_of, sentences
from scheduler.web.site.asked import Asked, Wishes
from scheduler.web.site.search.choices import PATH, SelectionLink
from scheduler.words.labels import Labels
from scheduler.words.lines import line
from storage.database.session import Session


@dataclass(frozen=True, slots=True)
class HintView:
    """`near`: searches for words that are written like those asked for; `everything`: the address
    of the same search in all that is stored, None where that finds nothing either.
    """

    sentences: Sequence[str]
    near: Sequence[SelectionLink]
    everything: str | None


def hint_view(s: Session, selection: Asked, wishes: Wishes, words: Labels) -> HintView:
    typed = selection.typed.query
    hint = hint_for(s, typed, selection.filter, everything=wishes.everything)
    others = wishes.parameters
    near = [SelectionLink(word, selection.address(PATH, q=word, **others)) for word in hint.near]
    everywhere = selection.address(PATH, **{**others, "everything": "1"})
    said = list(sentences(hint, words))
    return HintView(said, near, everywhere if hint.in_everything else None)


def left_out(selection: Asked, words: Labels) -> str:
    """Return the sentence about words that were not searched for; "" if all were."""
    given = left_out_of(selection.typed.query)
    if not given:
        return ""
    return words.say("hint.left_out", words=line(words.say("comma").join(given), 300))
