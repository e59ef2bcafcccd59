"""What the register knows of an agreement, for the fields that a treaty database may have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from scheduler.dataset.rows import AgreementEntry, days_before_official, first_day
from scheduler.words.lines import web_address
from storage.records import Instrument, Status, Topic

Fact = str | int | date | tuple[str, ...] | None

# The columns of `agreements`, and the days of steps. Each is lost or survives in each mapping.
FACTS = (
    "id",
    "name_en",
    "name_fr",
    "title",
    "parties",
    "instrument",
    "topics",
    "status",
    "place",
    "place_key",
    "event_date",
    "certainty",
    "first_reported_on",
    "first_outlet",
    "first_official_on",
    "days_before_official",
    "text",
    "text_on",
    "text_url",
    "signed_on",
    "signed_in",
    "ratified_on",
    "in_force_on",
    "terminated_on",
    "steps",
    "reports",
    "follows",
    "beside",
    "report",
)
# Other forms of `parties`: how many, each in a row of its own, or the two of a pair.
FACTS_OF_PARTIES = ("laterality", "party", "first_party", "second_party")
# Of these, a table of values has to have all.
CLOSED: Mapping[str, tuple[str, ...]] = {
    "status": tuple(Status),
    "instrument": tuple(Instrument),
    "topics": tuple(Topic),
    "laterality": ("bilateral", "multilateral"),
}


def facts_of(entry: AgreementEntry) -> dict[str, Fact]:
    """The facts of an agreement, but for `party`; parties are codes."""
    one = entry.agreement
    first = one.first_reported_at
    pair = one.parties if len(one.parties) == 2 else (None, None)
    return {
        "id": one.id,
        "name_en": entry.name_en,
        "name_fr": entry.name_fr,
        "title": one.title,
        "parties": one.parties,
        "instrument": one.instrument,
        "topics": tuple(one.topics),
        "status": one.status,
        "place": one.place,
        "place_key": one.place_key,
        "event_date": one.event_date,
        "certainty": one.certainty,
        "first_reported_on": first.date() if first else None,
        "first_outlet": entry.heard.voice.outlet if entry.heard.voice else None,
        "text": one.text_state,
        "text_on": entry.heard.text_on,
        "text_url": entry.heard.text_url,
        "first_official_on": entry.first_official_on,
        "days_before_official": days_before_official(entry),
        "signed_on": first_day(one, Status.SIGNED),
        # The register knows where the latest step happened, not where each did.
        "signed_in": (one.place or None) if one.status is Status.SIGNED else None,
        "ratified_on": first_day(one, Status.RATIFIED),
        "in_force_on": first_day(one, Status.IN_FORCE),
        "terminated_on": first_day(one, Status.TERMINATED),
        "steps": len(one.history),
        "reports": len(entry.documents),
        "follows": tuple(other for kind, other in one.links if kind == "follows"),
        "beside": tuple(other for kind, other in one.links if kind == "beside"),
        "report": _address(entry),
        "laterality": _laterality(len(one.parties)),
        "first_party": pair[0],
        "second_party": pair[1],
    }


def _laterality(parties: int) -> str | None:
    if parties < 2:  # reports name only one of them: the other is not known
        return None
    return "bilateral" if parties == 2 else "multilateral"


def _address(entry: AgreementEntry) -> str | None:
    addresses = (web_address(row.url) for row in entry.documents.values())
    return next((address for address in addresses if address), None)
