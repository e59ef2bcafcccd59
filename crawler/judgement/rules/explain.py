"""Explain why a rule did or did not find a document: what fired, and what was missing."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.judgement.rules.evaluate import evaluate_rule
from crawler.judgement.rules.model import Condition, Element, Rule, RuleSet
from crawler.judgement.rules.view import View
from crawler.judgement.text.reading import Hit, Reading
from storage.errors import RuleError


def explain(rule_id: str, reading: Reading, rules: RuleSet) -> list[str]:
    """Return lines for an analyst. Raises RuleError for a rule that is not loaded."""
    rule = next((rule for rule in rules.rules if rule.id == rule_id), None)
    if rule is None:
        raise RuleError(
            f"no rule {rule_id!r}; there is {', '.join(rule.id for rule in rules.rules) or 'none'}"
        )
    view = View(reading, rules.elements)
    outcome = evaluate_rule(rule, view)
    fired = {one.id: one for one in (*outcome.signals, *outcome.traps)}
    lines = [_summary(rule, outcome.score, outcome.core, outcome.vetoes)]
    for signal in rule.signals:
        mark = " (core)" if signal.core else ""
        if signal.id in fired:
            quote = _quote(reading, outcome.first_place(fired[signal.id]))
            lines.append(f"+ {signal.id}{mark}: {fired[signal.id].weight:+g}  {quote}")
        else:
            lacks = missing(signal.condition, view)
            weight = f"{signal.weight:+g}"
            lines.append(f"  {signal.id}{mark}: not fired, would weigh {weight}; {lacks}")
    names = {one.id for one in outcome.signals}
    for trap in rule.traps:
        if trap.id in fired:
            weight = "veto" if trap.veto else f"{fired[trap.id].weight:+g}"
            lines.append(
                f"- {trap.id}: {weight}  {_quote(reading, outcome.first_place(fired[trap.id]))}"
            )
        elif names.intersection(trap.unless):
            lines.append(
                f"  {trap.id}: set aside by {', '.join(sorted(names.intersection(trap.unless)))}"
            )
    return lines


def _summary(rule: Rule, score: float, core: bool, vetoes: Sequence[str]) -> str:
    if vetoes:
        why = f"vetoed by {', '.join(vetoes)}"
    elif not core:
        why = "no core signal fired"
    elif score < rule.threshold:
        why = f"short of the threshold by {rule.threshold - score:.3g}"
    else:
        why = "found"
    return f"{rule.id}: score {score:g} of {rule.threshold:g}: {why}"


def missing(condition: Condition, view: View) -> str:
    """Say what a condition lacks in this reading: elements, or how far apart they stand."""
    allowed = view.zone_bits(condition.zones)
    where = (
        f" in {' and '.join(sorted(zone.value for zone in condition.zones))}"
        if condition.zones
        else ""
    )
    absent = [element for element in condition.elements if not view.bits(element) & allowed]
    if absent:
        return f"nothing of {'; '.join(element.name for element in absent)}{where}"
    too_few = [
        element
        for element in condition.elements
        if _different(view, element, allowed) < element.distinct
    ]
    if too_few:
        counts = (
            f"{_different(view, one, allowed)} of {one.distinct} different {one.name}"
            for one in too_few
        )
        return f"only {'; '.join(counts)}{where}"
    if condition.absent and any(view.bits(element) for element in condition.absent):
        return f"{'; '.join(element.name for element in condition.absent)} stands in it"
    apart = _apart(condition, view, allowed)
    if condition.words is not None:
        return f"all occur{where}, but not within {condition.words} words of one sentence"
    return f"all occur{where}, but over {apart} sentences, not {condition.sentences or 1}"


def _different(view: View, element: Element, allowed: int) -> int:
    return len(
        {hit.concept.split(".", 2)[1] for hit in view.hits(element) if allowed >> hit.sentence & 1}
    )


def _apart(condition: Condition, view: View, allowed: int) -> int:
    """Return the fewest neighbouring sentences that hold all elements."""
    sentences = len(view.reading.sentences)
    for width in range(1, sentences + 1):
        windows = -1
        for element in condition.elements:
            bits = view.bits(element) & allowed
            spread = bits
            for step in range(1, width):
                spread |= bits >> step
            windows &= spread
        if windows:
            return width
    return sentences


def _quote(reading: Reading, place: tuple[Hit, ...]) -> str:
    hits = sorted(set(place), key=lambda hit: hit.token)
    return " … ".join(f"{reading.original(hit.start, hit.end)[3]} [{hit.concept}]" for hit in hits)
