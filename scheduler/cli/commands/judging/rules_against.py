"""`rules check --against`: which forms of our terms do harm in ordinary documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.cli.output import Format, counted, print_csv, print_jsonl, print_table, say
from scheduler.ordinary_news import documents_of, labels_of

if TYPE_CHECKING:
    from crawler.judgement.judge import Rules


def print_worst(
    rules: Rules, against: Sequence[Path], labels: Path | None, most: int, format: Format
) -> None:
    """Count the forms in these files, and print those that do the most harm.

    Raises AccordwatchError for a file that cannot be read, ConfigurationError for a line that is
    no document or label.
    """
    from crawler.judgement.term_counts import COLUMNS, spread_of, table_cells

    known = labels_of(labels) if labels else {}
    spread = spread_of(documents_of(against), known, rules)
    worst = spread.worst(most)
    if format == "jsonl":
        print_jsonl(one.row() for one in worst)
    elif format == "csv":
        print_csv((one.row() for one in worst), COLUMNS)
    else:
        heads = [column.replace("_", " ").replace("per 10k", "in 10,000") for column in COLUMNS]
        print_table("", heads, table_cells(worst))
    documents = sum(spread.documents.values())
    say(f"{counted(documents, 'ordinary document')}, {counted(len(worst), 'form')} shown")
