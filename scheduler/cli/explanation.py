"""A verdict for an analyst: the sentences that decided, the words in them, and their weights."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.output import label, names, shown, words
from scheduler.views.verdicts import reading_in_words, reason_in_words, what_was_read
from scheduler.views.words.lines import percent
from storage.records import Document, Evidence, SecondReading, Verdict, Zone

_MOST_SENTENCES = 3
_MOST_WORDS = 8
# A sentence is shown whole up to this many characters; a longer one is cut around its evidence.
_LONGEST = 320
_END = re.compile(r"[.!?؟…]+[\s»”\"]+|\n")
# A sentence, by its start and end in the title or text, and the evidence in it.
Passage = tuple[Zone, int, int, list[Evidence]]


def explain_round_up(out: Console, document: Document, *, stories: int, found: int) -> None:
    out.print(Text(shown(document.title or "(no title)"), style="bold"))
    out.print(Text(label("round_up", stories=stories, found=found)))
    out.print()


def explain(
    out: Console, document: Document, verdict: Verdict, span: tuple[int, int] | None = None
) -> None:
    """Print the verdict, the card, and the sentences that decided. Of a story, `span` says which
    characters of the whole text it is.
    """
    place = Text(f"   {span[0]}-{span[1]}" if span else "", style="dim")
    out.print(Text(shown(document.title or "(no title)"), style="bold") + place)
    colour, word = "red", label("not_relevant")
    if verdict.relevant or verdict.near_miss:
        colour, word = ("green", "relevant") if verdict.relevant else ("yellow", "near")
        word = label(word)
    out.print(Text(f"{word}   {_how_sure(verdict)}", style=colour))
    is_shown = verdict.relevant or verdict.near_miss
    for name, value in (*_reading_lines(verdict), *(_card_lines(verdict) if is_shown else ())):
        out.print(Text(f"  {name:<12} ", style="dim") + Text(shown(value)))
    if verdict.vetoes:
        out.print(Text(f"  {label('set_aside'):<12} {', '.join(verdict.vetoes)}", style="yellow"))
    passages = sorted(_passages_of(document, verdict), key=lambda one: -abs(_weight(one[-1])))
    if not passages:
        out.print(Text(f"  {label('why'):<12} {label('nothing')}", style="dim"))
    for number, passage in enumerate(passages[:_MOST_SENTENCES]):
        _print_passage(out, document, passage, label("why") if number == 0 else "")
    out.print()


def _how_sure(verdict: Verdict) -> str:
    """The probability that the judge gave, else the points of the rules."""
    if verdict.probability is not None:
        return label("likely", percent=percent(verdict.probability), language=verdict.language)
    if verdict.score >= verdict.threshold and not (verdict.relevant or verdict.vetoes):
        return label("apart", language=verdict.language)
    score, threshold = f"{verdict.score:.2f}", f"{verdict.threshold:.2f}"
    return label("score", score=score, threshold=threshold, language=verdict.language)


def _reading_lines(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """The judge's reading of the clearest sentence, and its reasons for and against a report."""
    if verdict.frame is not None:
        yield label("read"), what_was_read(verdict.frame, words())
    labels = words()
    for key, sign in (("for", 1), ("against", -1)):
        names = [reason.name for reason in verdict.reasons if reason.weight * sign > 0]
        if names:
            yield label(key), "; ".join(reason_in_words(name, labels) for name in names)
    yield from reader_lines(verdict.second_reading)


def reader_lines(reading: SecondReading | None) -> Iterator[tuple[str, str]]:
    """The answer of a second reader, its quote, and where it differs from the rules."""
    answer = reading_in_words(reading, words())
    if answer is None:
        return
    text, quote, differs = answer
    yield words().say("Second reader"), text
    if quote:
        yield "", f"“{quote}”"
    for differ in differs:
        yield "", differ


def _passages_of(document: Document, verdict: Verdict) -> list[Passage]:
    """The sentences in which the rules found something, each with its evidence."""
    grouped: dict[tuple[Zone, int, int], list[Evidence]] = defaultdict(list)
    for evidence in verdict.evidence:
        if not evidence.rule.startswith("card."):
            whole = _whole(document, evidence.zone)
            ends = [mark.end() for mark in _END.finditer(whole)]
            first = max((at for at in ends if at <= evidence.start), default=0)
            last = min((at for at in ends if at >= evidence.end), default=len(whole))
            end = max(first, len(whole[:last].rstrip()))
            grouped[evidence.zone, first, end].append(evidence)
    return [(*place, found) for place, found in grouped.items()]


def _weight(evidence: Iterable[Evidence]) -> float:
    return sum(found.weight for found in evidence)


def _print_passage(out: Console, document: Document, passage: Passage, heading: str) -> None:
    zone, begin, last_at, evidence = passage
    start, end = _cut(begin, last_at, evidence)
    whole = _whole(document, zone)
    line = Text("… " if start > begin else "")
    at = start
    for first, last in _stretches(evidence):
        piece = shown(whole[first:last])
        marked = piece if out.is_terminal else f"[{piece}]"
        line += Text(shown(whole[at:first])) + Text(marked, style="bold cyan")
        at = last
    line += Text(shown(whole[at:end]) + (" …" if end < last_at else ""))
    where = label("title" if zone is Zone.TITLE else "text")
    grid = Table.grid(padding=(0, 0))
    grid.add_column(width=14, no_wrap=True)
    grid.add_column()
    weight = Text(f"{where} {_weight(evidence):+.1f}  ", style="dim")
    grid.add_row(Text(f"  {heading}", style="dim"), weight + line)
    total: dict[str, float] = defaultdict(float)
    for hit in evidence:
        # "Morocco" for "state.MA", "an action “signed”" for "act.signed.verb"
        name = words().concept(hit.concept)
        named = hit.concept.startswith("state.")
        total[name if named else f"{name} “{shown(hit.text)}”"] += hit.weight
    heaviest = sorted(total.items(), key=lambda item: -abs(item[1]))[:_MOST_WORDS]
    weights = ", ".join(f"{word} {of_word:+.1f}" for word, of_word in heaviest)
    grid.add_row("", Text(weights, style="dim"))
    out.print(grid)


def _stretches(evidence: Iterable[Evidence]) -> list[tuple[int, int]]:
    """The stretches (start, end) to be marked; evidence that overlaps or touches is one stretch."""
    stretches: list[tuple[int, int]] = []
    for start, end in sorted((one.start, one.end) for one in evidence):
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((start, end))
    return stretches


def _cut(start: int, end: int, evidence: Sequence[Evidence]) -> tuple[int, int]:
    if end - start <= _LONGEST:
        return start, end
    first = min(found.start for found in evidence)
    last = max(found.end for found in evidence)
    return max(start, first - 60), min(end, max(last + 60, first + _LONGEST))


def _whole(document: Document, zone: Zone) -> str:
    return document.title if zone is Zone.TITLE else document.text


def _card_lines(verdict: Verdict) -> Iterator[tuple[str, str]]:
    card, unknown, labels = verdict.card, words().say("unknown"), words()
    day = card.event_date.isoformat() if card.event_date else unknown
    fields = {
        "parties": names(card.parties) + (f" ({', '.join(card.parties)})" if card.parties else ""),
        "instrument": labels.instrument(card.instrument) if card.instrument else "",
        "status": labels.status(card.status, card.instrument) if card.status else "",
        "topics": labels.say(", ").join(labels.term(f"topics.{topic}") for topic in card.topics),
        "day": label("published", day=day) if card.event_date_basis == "published" else day,
        "place": card.place or "",  # as the article writes it: this is about the article
    }
    for key, value in fields.items():
        yield label(f"columns.{key}"), value or unknown
