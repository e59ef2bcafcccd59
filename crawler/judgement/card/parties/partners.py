"""Whether the parties of a card can commit themselves to each other at all."""

from __future__ import annotations

from collections.abc import Collection

_UNION = "EU"


def are_partners(parties: Collection[str], union: Collection[str]) -> bool:
    """Return whether there are two, of which one is not merely the other's member.

    `parties` are codes, `union` the states of the European Union: it stands for its members, so
    that an accord "of the Union and Ireland" is the Union's own affair. Of 1,173 texts that readers
    labelled, 20 that passed the gate had no partners by this rule, and none of them reports a step.
    """
    others = set(parties) - {_UNION}
    if _UNION in parties:
        return not others <= set(union)
    return len(others) > 1
