"""`rules fit`: the judge learns from a person's answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from scheduler.cli.commands.judging.rules import chosen_rules, labelled_articles
from scheduler.cli.output import print_table, say
from scheduler.cli.wording import words
from scheduler.words.reasons import reason_in_words
from storage.errors import ConfigurationError

if TYPE_CHECKING:
    from crawler.judgement.judge import Rules
    from crawler.judgement.learning.adapting import Adapted, OwnAnswer
    from crawler.judgement.probability.judge import Judge
    from crawler.judgement.rules.scoring import Labelled

# Fewer answers than these move the weights by chance.
_LEAST_ANSWERS = 20
_MOST_SHOWN = 12


def fit(
    labelled: Annotated[
        Path, Parameter(help="Labelled articles, as `curate export` prints them, or a folder.")
    ],
    /,
    *,
    write: Annotated[Path | None, Parameter(help="Where the new weights go, a .json file.")] = None,
) -> int:
    """Learn from your own answers, and say whether it helps.

    The weights in use are the starting point; each answer moves them a little. They are written
    only where they get no fewer answers right than before, each judged without itself. Use them by
    naming the file under `rules.files`. Example:

        accordwatch curate export > answers.jsonl
        accordwatch rules fit answers.jsonl --write weights.json
    """
    from crawler.judgement.judge import WEIGHTS_SUFFIX
    from crawler.judgement.learning.adapting import adapt
    from crawler.judgement.probability.weights import save_weights

    if write is not None and write.suffix != WEIGHTS_SUFFIX:
        raise ConfigurationError(f"{write}: a file of weights ends in {WEIGHTS_SUFFIX}")
    if write is not None and not write.parent.is_dir():
        raise ConfigurationError(f"{write}: cannot be written: No such file or directory")
    rules = chosen_rules()
    if rules.judge is None:
        raise ConfigurationError("no rule in use is judged: there are no weights to fit")
    articles = labelled_articles(labelled)
    answers = _answers(articles, rules, rules.judge)
    if len(answers) < _LEAST_ANSWERS:
        say(
            f"{len(articles)} articles, of which {len(answers)} pass the gate of the rules; "
            f"{_LEAST_ANSWERS} are needed to learn from"
        )
        return 1
    adapted = adapt(rules.judge.weights, answers, f"{datetime.now(UTC):%Y-%m-%d}-own")
    _print_learnt(adapted, len(answers))
    if adapted.after < adapted.before:
        say("that is no gain: nothing is written")
        return 1
    if write is None:
        say("keep them with --write FILE.json")
        return 0
    try:
        save_weights(adapted.weights, write)
    except OSError as error:
        raise ConfigurationError(f"{write}: cannot be written: {error.strerror}") from error
    say(f"wrote {write}; name it under rules.files to use it, then run `accordwatch reclassify`")
    return 0


def _print_learnt(adapted: Adapted, answers: int) -> None:
    labels = words()
    rows = [
        (reason_in_words(name, labels), f"{before:+.2f}", f"{after:+.2f}")
        for name, before, after in adapted.moved[:_MOST_SHOWN]
    ]
    print_table("Weights that move most", ("what", "before", "after"), rows)
    say(
        f"of {answers} answers the weights in use get {adapted.before} right, "
        f"the new ones {adapted.after}, each judged without itself"
    )


def _answers(articles: list[Labelled], rules: Rules, judge: Judge) -> list[OwnAnswer]:
    """The labelled articles that pass the gate of the rules; no weights can change the others."""
    from crawler.judgement.learning.adapting import OwnAnswer
    from crawler.judgement.learning.examples import features_at_gate

    found = []
    for article in articles:
        features = features_at_gate(article.document, rules)
        if features is not None:
            alert, _ = judge.thresholds(article.document.language)
            found.append(OwnAnswer(features, article.relevant, alert))
    return found
