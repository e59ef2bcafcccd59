"""Spans of tokens: chains of them, and what masks cover."""

from __future__ import annotations

from bisect import bisect_left

Span = tuple[int, int]  # first and last token


def covered(masks: list[Span]) -> dict[int, int]:
    """Return token -> last token of the longest mask over it."""
    reach: dict[int, int] = {}
    for first, last in masks:
        for token in range(first, last + 1):
            reach[token] = max(last, reach.get(token, -1))
    return reach


def join(parts: list[list[Span]], gaps: tuple[int, ...], sentence_of: list[int]) -> list[Span]:
    """Return chains of parts in order, each within its gap of the one before, in one sentence."""
    if len(parts) == 1:
        return parts[0]
    chains = _in_order(parts[0])
    for part, gap in zip(parts[1:], gaps, strict=True):
        nexts = _in_order(part)
        grown = []
        for first, last in chains:
            at = bisect_left(nexts, (last + 1,))
            if at < len(nexts):
                start, end = nexts[at]
                if start - last - 1 <= gap and sentence_of[first] == sentence_of[end]:
                    grown.append((first, end))
        if not grown:
            return []
        chains = grown
    return chains


def _in_order(spans: list[Span]) -> list[Span]:
    return sorted(set(spans)) if len(spans) > 1 else spans
