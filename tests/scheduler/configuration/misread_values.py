"""For each filter a value that nobody understands, and what is near it: "" where nothing is."""

from __future__ import annotations

VALUES = {
    "party": ("Morroco", "Morocco"),
    "any_party": ("Morroco", "Morocco"),
    "not_party": ("Morroco", "Morocco"),
    "not_topic": ("vissa", "visa"),
    "not_group": ("maghrib", "maghreb"),
    "not_instrument": ("protocoll", "protocol"),
    "not_status": ("signd", "signed"),
    "not_step": ("signd", "signed"),
    "group": ("maghrib", "maghreb"),
    "within": ("afrikka", "africa"),
    "corridor": ("Itly-TN", "Italy-TN"),
    "topic": ("vissa", "visa"),
    "instrument": ("protocoll", "protocol"),
    "status": ("signd", "signed"),
    "language": ("klingon", "fr"),
    "also": ("vissa", "visa"),
    "basis": ("singel", "single"),
    "grade": ("likly", "likely"),
    "text": ("mising", "missing"),
    "sides": ("bilatral", "bilateral"),
    "agreement": ("17", ""),
    "since": ("2023-13-01", "2023-01-13"),
    "until": ("2026-2-3", "2026-02-03"),
    "probability": ("likely", ""),
    "reviewed": ("maybe", "yes"),
    "known": ("onyl", "only"),
    "by": ("lernt", "learnt"),
    "step": ("signd", "signed"),
    "as_of": ("2024-3-1", "2024-03-01"),
    "changes": ("often", ""),
    "provision": ("renewl", "renewal"),
    "clock": ("stod", "stood"),
}
# What no filter can misunderstand: any word is one, and sources and rules come and go.
ANYTHING = ("q", "source", "rule")
# Not a value, but as wrong: a name with a slip, more values than are read, and one too many.
SLIPS = (
    ("partyy=MA", "partyy", "party"),
    ("sicne=2026-03-01", "sicne", "since"),
    ("&".join(f"source=s{number}" for number in range(51)), "51", ""),
    ("reviewed=yes&reviewed=no", "no", ""),
    ("clock=stood", "stood", ""),
    ("since=2026-05-01&until=2026-04-01", "2026-04-01", ""),
)


def bad_queries() -> list[tuple[str, str, str]]:
    """Addresses that ask for what is not understood, with the value and what is near it."""
    values = [(f"{name}={value}", value, near) for name, (value, near) in VALUES.items()]
    return [*values, *SLIPS]
