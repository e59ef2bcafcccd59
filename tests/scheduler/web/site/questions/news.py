"""A small register with what an analyst of migration policy asks about: pairs, years, outlets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from storage.records import Card, Instrument, Judged, Status, Topic
from tests.storage.given import card, judged


@dataclass(frozen=True, slots=True)
class Notified:
    """A report: who tells it, in which language, with which title, on which day after the event."""

    outlet: str
    language: str
    title: str
    quote: str
    on: date


def news() -> list[Judged]:
    """Some twenty reports of a dozen agreements, in the order of the events."""
    numbers = count(1)
    return [
        _judged(next(numbers), event, reported)
        for event, reports in _EVENTS
        for reported in reports
    ]


def _judged(number: int, event: Card, reported: Notified) -> Judged:
    made = judged(
        number,
        card=event,
        title=reported.title,
        text=f"{reported.quote} {reported.outlet} {number}. " + "It has the details. " * 5,
        language=reported.language,
        outlet=reported.outlet,
        source_id=None,
        url=f"https://{reported.outlet}/{number}",
        published_on=reported.on,
    )
    return replace(made, quote=reported.quote)


def _event(
    parties: str,
    status: Status,
    topic: Topic,
    on: date,
    place: str = "",
    instrument: Instrument = Instrument.AGREEMENT,
) -> Card:
    return card(
        parties=tuple(parties.split("-")),
        status=status,
        topics=(topic,),
        instrument=instrument,
        event_date=on,
        place=place or None,
        place_key=place.lower() or None,
    )


_EVENTS: tuple[tuple[Card, list[Notified]], ...] = (
    (_event("ES-MA", Status.SIGNED, Topic.VISA, date(2019, 6, 20), "Madrid"), [
        Notified("elrio.example", "es", "España y Marruecos firman un acuerdo de visados",
                 "Los dos ministros firmaron el acuerdo de visados en Madrid.", date(2019, 6, 20)),
    ]),
    (_event("ES-MA", Status.SIGNED, Topic.READMISSION, date(2023, 2, 2), "Rabat", Instrument.MEMORANDUM), [
        Notified("fleuve.example", "fr", "Le Maroc et l'Espagne signent un mémorandum sur les retours",
                 "Les deux gouvernements ont signé un mémorandum sur les retours à Rabat.", date(2023, 2, 2)),
        Notified("elrio.example", "es", "Marruecos y España firman un memorando de retornos",
                 "Ambos gobiernos firmaron en Rabat un memorando sobre retornos.", date(2023, 2, 3)),
    ]),
    (_event("IT-LY", Status.RENEWED, Topic.BORDER, date(2023, 2, 9), "Rome", Instrument.MEMORANDUM), [
        Notified("herald.example", "en", "Italy and Libya renew their memorandum",
                 "Rome and Tripoli renewed the memorandum on border control for three years.", date(2023, 2, 9)),
    ]),
    (_event("GB-RW", Status.TERMINATED, Topic.ASYLUM, date(2024, 7, 6), "London", Instrument.TREATY), [
        Notified("herald.example", "en", "Britain ends its treaty with Rwanda",
                 "The new government terminated the asylum treaty with Rwanda.", date(2024, 7, 6)),
    ]),
    (_event("DE-KE", Status.SIGNED, Topic.LABOUR, date(2024, 9, 13), "Berlin"), [
        Notified("herald.example", "en", "Germany and Kenya sign a labour agreement",
                 "The chancellor and the president signed the labour agreement in Berlin.", date(2024, 9, 13)),
    ]),
    (_event("IT-TN", Status.NEGOTIATING, Topic.LABOUR, date(2026, 2, 2), "Tunis"), [
        Notified("herald.example", "en", "Rome and Tunis talk about workers",
                 "The ministers began talks on an agreement for seasonal workers.", date(2026, 2, 2)),
    ]),
    (_event("IT-TN", Status.SIGNED, Topic.LABOUR, date(2026, 3, 6), "Tunis"), [
        Notified("fleuve.example", "fr", "L'Italie et la Tunisie signent l'accord sur les travailleurs",
                 "Les ministres ont signé à Tunis l'accord sur les travailleurs saisonniers.", date(2026, 3, 6)),
    ]),
    (_event("MA-NE", Status.SIGNED, Topic.TRAFFICKING, date(2026, 3, 10), "Rabat", Instrument.DECLARATION), [
        Notified("fleuve.example", "fr", "Rabat et Niamey signent une déclaration d'entente",
                 "Les deux ministres ont signé une déclaration contre la traite.", date(2026, 3, 10)),
        Notified("nahr.example", "ar", "الرباط ونيامي توقعان إعلان تفاهم",
                 "وقع الوزيران إعلان تفاهم لمكافحة الاتجار بالبشر.", date(2026, 3, 11)),
    ]),
)  # fmt: skip
