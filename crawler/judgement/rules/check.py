"""Tell an analyst about rule files before they run: faults, and warnings about terms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.judgement.rules.book import Book, RuleFiles, read_book
from crawler.judgement.rules.evaluate import View, evaluate, evaluate_rule, spread
from crawler.judgement.rules.model import Condition, Element, Example, Rule, RuleSet
from crawler.judgement.text.concepts import ConceptReader, Library, is_schema
from crawler.judgement.text.lexicon import Concept
from crawler.judgement.text.reading import Hit, Reading, read
from crawler.judgement.text.terms import ParsedTerm, WordSequence
from crawler.located_yaml import KeyPath, LocatedYaml, load_yaml
from storage.errors import Problem, RuleError


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found in rule files: `problems` keep them from loading, `failed` are inline examples
    that were answered wrongly, with the id of their rule, of so many `examples`.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    failed: tuple[tuple[str, Example], ...]
    examples: int


def check(files: RuleFiles) -> CheckReport:
    """Load all files and look at them. Warnings concern packs and the user's files."""
    book, problems = read_book(files)
    warnings: list[Problem] = []
    everything = [load_yaml(path) for path in (*files.packs, *files.data, *files.own)]
    library = Library(source for source in everything if isinstance(source.data, dict))
    for path in (*files.packs, *files.own):
        warnings += _file_warnings(load_yaml(path), book, library)
    warnings += _dangling(book, (*files.packs, *files.own))
    failed = failed_examples(book) if not problems else []
    return CheckReport(
        tuple(problems),
        tuple(warnings),
        tuple(failed),
        sum(len(rule.examples) for rule in book.rules.rules),
    )


def failed_examples(book: Book) -> list[tuple[str, Example]]:
    """Return inline examples that their rule answers wrongly, each with the id of the rule."""
    failed = []
    for rule in book.rules.rules:
        for example in rule.examples:
            reading = read(example.title, example.text, example.language, book.lexicon)
            is_matched = any(
                outcome.rule.id == rule.id and outcome.relevant
                for outcome in evaluate(book.rules, reading)
            )
            if is_matched != example.matches:
                failed.append((rule.id, example))
    return failed


def _dangling(book: Book, paths: Sequence[Path]) -> list[Problem]:
    """Warn of concepts that a rule asks for and no file defines: they can never be found."""
    problems = []
    for rule in book.rules.rules:
        patterns = {
            pattern
            for condition in rule.conditions
            for element in (*condition.elements, *condition.absent)
            for pattern in element.concepts
        }
        for pattern in sorted(patterns):
            family = pattern.removesuffix(".*")
            if not any(
                concept == family or concept.startswith(family + ".")
                for concept in book.lexicon.concepts
            ):
                place = str(paths[-1]) if paths else ""
                problems.append(
                    Problem(place, 1, 1, rule.id, f"asks for {pattern}, which no file defines")
                )
    return problems


def _file_warnings(source: LocatedYaml, book: Book, library: Library) -> list[Problem]:
    if source.problems or not is_schema(source, []):
        return []
    warnings = []
    reader = ConceptReader(source, book.lexicon.grammars, [], library)
    for name, concept in reader.concepts().items():
        if name not in book.rules.elements and concept.terms:
            warnings.append(source.problem(("concepts", name), "no rule uses it"))
        warnings += _term_warnings(source, concept)
    return warnings


def _term_warnings(source: LocatedYaml, concept: Concept) -> list[Problem]:
    warnings = []
    body = source.data["concepts"][concept.id]
    for language, terms in concept.terms.items():
        path: KeyPath = ("concepts", concept.id)
        if not isinstance(body, list):
            path = (*path, "terms", language)
        warnings += [source.problem(path, text) for text in repeats(terms)]
    return warnings


def repeats(terms: Sequence[ParsedTerm]) -> list[str]:
    """Return a line for each spelling in two terms of a list, and each term that repeats."""
    messages = []
    parts: dict[WordSequence, list[ParsedTerm]] = defaultdict(list)
    for term in filter(_is_simple, terms):
        for part in term.parts[0]:
            parts[part].append(term)
    for phrase, parsed_terms in parts.items():
        source, *more = dict.fromkeys(term.source for term in parsed_terms)
        if more:
            messages.append(f"{phrase.text!r} stands in {source!r} and in {more[0]!r}: keep one")
        elif len(parsed_terms) > 1:
            messages.append(f"{source!r} stands twice: keep one")
    others = [
        term if term.exact else term._replace(source="") for term in terms if not _is_simple(term)
    ]
    names = {term._replace(source=""): term.source for term in terms}
    for term, count in Counter(others).items():
        if count > 1:
            messages.append(f"{names[term._replace(source='')]!r} stands twice: keep one")
    return messages


def _is_simple(term: ParsedTerm) -> bool:
    """Return whether each phrase of a term is found by itself: no gap, no exact form, no mask."""
    return len(term.parts) == 1 and not term.exact and not term.masks


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
            f"{_different(view, element, allowed)} of {element.distinct} different {element.name}"
            for element in too_few
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
            windows &= spread(view.bits(element) & allowed, width)
        if windows:
            return width
    return sentences


def _quote(reading: Reading, place: tuple[Hit, ...]) -> str:
    hits = sorted(set(place), key=lambda hit: hit.token)
    return " … ".join(f"{reading.original(hit.start, hit.end)[3]} [{hit.concept}]" for hit in hits)
