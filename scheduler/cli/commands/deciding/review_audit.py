"""What `review --audit` shows: the silent documents that were drawn, and how many reports the
judge misses, as the answers say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.register.remainder import Interval, Sampled, missed, per_10_000, recall
from scheduler.cli.output import counted
from storage.review import audit
from storage.review.audit import AuditTally, Drawn, Group

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from storage.database.session import Session

GROUP_NAMES: Mapping[Group, str] = {
    Group.READ: "passed the gate",
    Group.UNREAD: "did not pass the gate",
}
OFF = "The audit is off: alerts.audit_per_week is 0."


def waiting(s: Session, chosen: Configuration) -> list[Drawn]:
    """The documents of the audit that wait for an answer, in the order in which they are asked."""
    return audit.waiting(s, chosen.settings.alerts.audit_per_week, datetime.now(UTC))


def waiting_one(s: Session, chosen: Configuration, document_id: int) -> Drawn | None:
    """This document, if it waits for the audit."""
    found = waiting(s, chosen)
    return next((one for one in found if one.document.document_id == document_id), None)


def headline(one: Drawn) -> str:
    """The line that marks a document as one of the audit."""
    return f"audit   drawn from the silent ones of {one.week} ({GROUP_NAMES[one.group]})"


def how_many_wait(s: Session, chosen: Configuration) -> str:
    """What is said below the other review; empty if nothing waits."""
    left = len(waiting(s, chosen))
    if not left:
        return ""
    verb = "waits" if left == 1 else "wait"
    return f"{counted(left, 'silent document')} {verb} for the audit: accordwatch review --audit"


def summary(s: Session, chosen: Configuration) -> list[str]:
    """The lines about what waits and what the answers say."""
    left = len(waiting(s, chosen))
    said = f"{counted(left, 'silent document')} {'waits' if left == 1 else 'wait'} for the audit."
    is_on = chosen.settings.alerts.audit_per_week > 0
    first = said if left else "Nothing waits for the audit." if is_on else OFF
    return [first, *_estimate(audit.tally(s))]


def _estimate(tally: AuditTally) -> list[str]:
    sampled = {
        group: Sampled(one.documents, one.answers, one.relevant)
        for group, one in tally.groups.items()
    }
    if not tally.weeks:
        return ["Nobody has answered the audit yet, so nothing is known about what is missed."]
    among_silent = missed(list(sampled.values()))
    if among_silent is None:
        lacking = [
            f"{one.lacking} about documents that {GROUP_NAMES[group]}"
            for group, one in sampled.items()
            if one.lacking
        ]
        missing = " and ".join(lacking)
        return [f"Not enough answers yet to say how many reports are missed; missing: {missing}."]
    return [*_what_is_missed(tally, among_silent), *map(_answers, sampled.items())]


def _what_is_missed(tally: AuditTally, among_silent: Interval) -> list[str]:
    """How many reports are missed, and the recall, each with its 95 % interval."""
    rate = per_10_000(among_silent, tally.documents)
    lines = [
        f"{' to '.join(tally.weeks)}: of 10,000 documents {rate.likely:.1f} are reports that were "
        f"passed over in silence (95 % interval {rate.low:.1f} to {rate.high:.1f})."
    ]
    share = recall(among_silent, tally.found)
    if share is not None:
        reports = counted(tally.found, "report")
        lines.append(
            f"Recall is {share.likely:.2f} (95 % interval {share.low:.2f} to {share.high:.2f}): "
            f"{reports} alerted or confirmed, {among_silent.likely:.0f} missed."
        )
    if tally.waiting:
        lines.append(
            f"{counted(tally.waiting, 'document')} of these weeks, still to be reviewed, "
            "are in neither count."
        )
    return lines


def _answers(group: tuple[Group, Sampled]) -> str:
    name, one = group
    return (
        f"- of {counted(one.documents, 'silent document')} that {GROUP_NAMES[name]}, "
        f"{one.answers} were answered and {one.relevant} are reports"
    )
