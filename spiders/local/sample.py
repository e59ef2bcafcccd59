"""What a source on this machine holds, without reading all of it: for trying it once."""

from __future__ import annotations

from collections.abc import Iterator

from spiders.kinds.offer import Offer
from spiders.local.files import HeldFile, Portion, Room
from spiders.local.table import list_files, read_portion
from storage.errors import UnreadableError
from storage.records import Candidate, Source

_PORTIONS = 20  # of a source; enough to see what is in it


def sample(source: Source, max_bytes: int) -> Offer:
    """The first documents of the first files, at most as many as one look takes."""
    held = list_files(source)
    found: list[Candidate] = []
    problem = held.problem
    for portion in _portions(source, held.files, Room(source.max_items, max_bytes)):
        found += [one.candidate for one in portion.documents]
        problem = problem or portion.problem
        if len(found) >= source.max_items:
            break
    return Offer(tuple(found[: source.max_items]), problem=problem)


def _portions(source: Source, files: tuple[HeldFile, ...], room: Room) -> Iterator[Portion]:
    for file in files[: max(_PORTIONS, source.max_items)]:
        at, ended, left = 0, False, _PORTIONS
        while not ended and left:
            try:
                portion = read_portion(source, file, at, room)
            except UnreadableError as error:
                yield Portion(problem=f"{error.reason}: {file.name}: {error}")
                break
            yield portion
            at, ended, left = portion.next_at, portion.ended, left - 1
