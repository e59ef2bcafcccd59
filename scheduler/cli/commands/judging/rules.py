"""`rules check|explain|count`: the analyst's tools for writing rules and trusting them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from crawler.judgement.judge import (
    WEIGHTS_SUFFIX,
    Rules,
    judge,
    load_rules,
    read_document,
    rule_files,
)
from crawler.judgement.probability.frames import (
    FREQUENCIES_FILE,
    PARTY,
    TRAP,
    Frequencies,
    roles_of,
    save_frequencies,
)
from crawler.judgement.rules.check import check
from crawler.judgement.rules.check import explain as explain_rule
from crawler.judgement.rules.scoring import Confusion, Labelled, read_labelled
from crawler.judgement.rules.scoring import score as score_pairs
from crawler.judgement.text.grammar import language_folders
from scheduler.cli.context import configuration, configuration_if_any, opened_database
from scheduler.cli.documents import documents_at
from scheduler.cli.explanation import explain
from scheduler.cli.output import counted, print_table, say, shown, stdout
from scheduler.configuration.sections import RulesSettings
from scheduler.jobs.documents_file import documents_of
from scheduler.jobs.reclassify import reclassify as judge_again
from storage.documents.texts import load_judgeable
from storage.errors import AccordwatchError
from storage.records import Document, Verdict

# As many as a person reads at a sitting. The figures count all of them.
_MOST_SHOWN = 10

Files = Annotated[
    tuple[Path, ...],
    Parameter(help="Your rule files; none: those of the configuration, if there is one."),
]


def rules_check(
    files: Files = (),
    /,
    *,
    labelled: Annotated[
        Path | None, Parameter(help="JSON lines of labelled articles, or a folder of such files.")
    ] = None,
) -> int:
    """Exit 1 if there is a fault, or an example fails."""
    packs, chosen = _chosen(files)
    check_report = check(
        rule_files(packs, [file for file in chosen if file.suffix != WEIGHTS_SUFFIX])
    )
    for problem in check_report.problems:
        say(f"{problem}")
    for warning in check_report.warnings:
        say(f"warning: {warning}")
    for rule, example in check_report.failed:
        outcome = "should match and does not" if example.matches else "should not match and does"
        say(f"example of {rule}: {outcome}: {example.title or example.text}")
    faults = len(check_report.problems) + len(check_report.failed)
    say(f"{check_report.examples} examples, {faults} faults, {len(check_report.warnings)} warnings")
    if labelled is not None:
        _score(packs, chosen, labelled)
    return 1 if faults else 0


def _score(packs: tuple[str, ...], files: tuple[Path, ...], labelled: Path) -> None:
    rules = load_rules(packs, files)
    articles = labelled_articles(labelled)
    scores = score_pairs((article, judge(article.document, rules)) for article in articles)
    _print_counts("By language", scores.languages.items())
    _print_counts("By rule", scores.rules.items())
    print_table(
        "Card, share right",
        ("field", "right"),
        [(name, f"{share:.3f}") for name, share in scores.card.items()],
    )
    _print_errors("Missed", scores.misses)
    _print_errors("False alarms", scores.false_alarms)
    _print_errors("Near misses", [miss for miss in scores.misses if miss[1].near_miss])


def rules_count(
    language: Annotated[str, Parameter(help="Code of the language, the name of its folder.")],
    files: Annotated[
        tuple[Path, ...],
        Parameter(help="Ordinary documents (.jsonl, .jsonl.gz), as many as there are."),
    ],
    /,
) -> None:
    """Writes the table into the folder of the language."""
    folders = {path.name: path for path in language_folders()}
    if language not in folders:
        known = ", ".join(folders)
        raise AccordwatchError(f"there is no folder of {language!r}; there are {known}")
    folder = folders[language]
    frequencies = count_forms(documents_of(files), load_rules())
    if not frequencies.documents.get(language):
        raise AccordwatchError(f"none of these documents is in {language!r}")
    save_frequencies(frequencies, folder, language)
    read = counted(frequencies.documents[language], "ordinary document")
    say(f"{folder / FREQUENCIES_FILE}: {read} counted")


def count_forms(documents: Iterable[Document], rules: Rules) -> Frequencies:
    """Count the forms of all terms but names of parties and traps, by language of the document."""
    read: Counter[str] = Counter()
    having: dict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        reading = read_document(document, rules)
        read[reading.language] += 1
        having[reading.language].update(
            {
                reading.folded[hit.start : hit.end]
                for concept, hits in reading.hits.items()
                if (roles_of(concept) or (PARTY,))[0] not in (PARTY, TRAP)
                for hit in hits
            }
        )
    return Frequencies(read, having)


def rules_explain(
    rule: Annotated[str, Parameter(help="Id of a rule.")],
    document: Annotated[str, Parameter(help="Number of a stored document, or a file or address.")],
    /,
) -> None:
    packs, chosen = _chosen(())
    rules = load_rules(packs, chosen)
    for line in explain_rule(rule, read_document(_document(document), rules), rules.rules):
        stdout().print(shown(line), markup=False, soft_wrap=True)


def _chosen(files: tuple[Path, ...]) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Packs and the user's files: the named ones, else the configured ones, else those we ship."""
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise AccordwatchError(f"{', '.join(missing)}: no such file")
    chosen = configuration_if_any()
    if chosen is None:
        return RulesSettings().packs, files
    return chosen.settings.rules.packs, files or chosen.rule_files


def _document(named: str) -> Document:
    if named.isdigit() and not Path(named).exists():
        with opened_database(configuration()) as database, database.read() as s:
            documents = [document for _, document in load_judgeable(s, [int(named)])]
        if not documents:
            raise AccordwatchError(
                f"document {named} is not stored, or retention has removed its text"
            )
        return documents[0]
    return next(documents_at(named))


def labelled_articles(path: Path) -> list[Labelled]:
    """The labelled articles of a file, or of all files of a folder."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise AccordwatchError(f"{path}: no .jsonl files in this folder")
    articles: list[Labelled] = []
    for file in files:
        if file.exists() and not file.is_file():  # a pipe or a device may never end
            raise AccordwatchError(f"{file}: is not a file")
        try:
            articles += read_labelled(file.read_text(encoding="utf-8").splitlines())
        except OSError as error:
            raise AccordwatchError(f"{file}: cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise AccordwatchError(f"{file}: {error}") from error
    return articles


def _print_counts(title: str, rows: Iterable[tuple[str, Confusion]]) -> None:
    cells = [
        (
            name,
            str(counts.found + counts.false_alarms + counts.missed + counts.left_out),
            f"{counts.precision:.3f}",
            f"{counts.recall:.3f}",
            f"{counts.f1:.3f}",
        )
        for name, counts in rows
    ]
    print_table(title, ("", "articles", "precision", "recall", "F1"), cells)


def _print_errors(title: str, errors: Iterable[tuple[Labelled, Verdict]]) -> None:
    listed = list(errors)
    if not listed:
        return
    stdout().print(f"{title}: {len(listed)}", style="bold")
    for article, verdict in listed[:_MOST_SHOWN]:
        note = f" ({article.note})" if article.note else ""
        stdout().print(f"{article.document.external_id}{note}", style="dim", markup=False)
        explain(stdout(), article.document, verdict)


# --- `reclassify` ---------------------------------------------------------------------------------


def reclassify(
    files: Annotated[
        tuple[Path, ...],
        Parameter(help="With --dry-run: rule files in the place of those of the configuration."),
    ] = (),
    /,
    *,
    dry_run: Annotated[bool, Parameter(negative="", help="Only show what would change.")] = False,
) -> int:
    """Exit 1: on some documents, which are named and stay as they were, our own code failed."""
    if files and not dry_run:
        raise AccordwatchError("rule files are only tried here: add --dry-run, or configure them")
    chosen, own = configuration(), files and _chosen(files)[1]
    with opened_database(chosen) as database:
        now = datetime.now(UTC)
        read, lines, problems = judge_again(database, chosen, now=now, dry_run=dry_run, files=own)
    for line in lines:
        stdout().print(line, markup=False)
    for problem in problems:
        say(f"accordwatch: left as it was: {problem}")
    verb = "would change" if dry_run else "changed"
    say(f"{counted(read, 'document')} judged again, {len(lines)} {verb}")
    return 1 if problems else 0
