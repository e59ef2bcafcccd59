"""What is left to answer, and what the answers so far say of the rest, in the reader's words."""

from __future__ import annotations

from crawler.register.remainder import (
    LEAST_ANSWERS,
    Interval,
    Sampled,
    missed,
    most_left,
    per_10_000,
    recall,
)
from scheduler.words.labels import Labels
from storage.database.session import Session
from storage.review import audit, review_queue
from storage.review.audit import AuditTally


def left_for_review(s: Session, words: Labels) -> str:
    """How many documents wait, and how many of them report a step at most (95 %)."""
    left, answered = review_queue.count_waiting(s), review_queue.answered(s)
    if not left:
        return words.say("page.review_empty")
    said = words.count("page.queue.left", left)
    most = most_left(answered.answers, answered.relevant, left)
    if most is None:
        bound = words.say(
            "page.queue.too_few",
            answers=words.number(answered.answers),
            least=words.number(LEAST_ANSWERS),
        )
    else:
        bound = words.say(
            "page.queue.most",
            most=words.number(most),
            relevant=words.number(answered.relevant),
            answers=words.number(answered.answers),
        )
    return f"{said} {bound}"


def left_for_audit(s: Session, left: int, is_on: bool, words: Labels) -> list[str]:
    """How many silent documents wait, and how many reports the judge misses, as answers say."""
    if left:
        first = words.count("page.queue.audit_left", left)
    else:
        first = words.say("page.queue.audit_empty" if is_on else "page.queue.audit_off")
    return [first, *_estimate(audit.tally(s), words)]


def _estimate(tally: AuditTally, words: Labels) -> list[str]:
    if not tally.weeks:
        return [words.say("page.queue.audit_unanswered")]
    sampled = [Sampled(one.documents, one.answers, one.relevant) for one in tally.groups.values()]
    among_silent = missed(sampled)
    if among_silent is None:
        lacking = sum(one.lacking for one in sampled)
        return [words.count("page.queue.audit_lacking", lacking)]
    return _missed(tally, among_silent, words)


def _missed(tally: AuditTally, among_silent: Interval, words: Labels) -> list[str]:
    rate = per_10_000(among_silent, tally.documents)
    lines = [
        words.say(
            "page.queue.missed",
            likely=f"{rate.likely:.1f}",
            low=f"{rate.low:.1f}",
            high=f"{rate.high:.1f}",
            weeks="–".join(tally.weeks),
        )
    ]
    share = recall(among_silent, tally.found)
    if share is not None:
        lines.append(
            words.say(
                "page.queue.recall",
                likely=f"{share.likely:.2f}",
                low=f"{share.low:.2f}",
                high=f"{share.high:.2f}",
            )
        )
    return lines
