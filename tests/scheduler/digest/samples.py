"""Digests to render: made by hand, so that each test says what it needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from scheduler.digest.build import Digest, DigestItem, ReportLink
from scheduler.schedule.liveness import Watched
from storage.asking import NewsKind, Subscription
from storage.records import Card, Instrument, ReadFrame, Status, Topic
from storage.review_queue import QueuedDocument

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

ITEM = DigestItem(
    kind=NewsKind.NEW_AGREEMENT,
    agreement_id="A17",
    title="Maroc et Niger signent une déclaration",
    parties=("MA", "NE"),
    instrument=Instrument.DECLARATION,
    topics=(Topic.TRAFFICKING, Topic.BORDER),
    status=Status.SIGNED,
    before=None,
    place="Rabat",
    event_date=date(2026, 11, 20),
    quote="Le Maroc et le Niger ont signé vendredi à Rabat une déclaration commune contre la traite des personnes.",
    quote_language="fr",
    quote_outlet="Le Quotidien du Fleuve",
    reports=(
        ReportLink(
            1,
            "Maroc et Niger signent à Rabat une déclaration contre la traite",
            "https://fleuve.example/a?x=1&y=2",
            "Le Quotidien du Fleuve",
            "fr",
            date(2026, 11, 20),
            True,
        ),
        ReportLink(
            2,
            "المغرب والنيجر يوقعان في الرباط إعلانا مشتركا لمكافحة الاتجار بالبشر",
            "https://sahel.example/ar/12",
            "صوت الساحل",
            "ar",
            date(2026, 11, 21),
            True,
        ),
        ReportLink(
            3,
            "Morocco, Niger sign declaration on smuggling",
            "https://desk.example/7",
            "The Desk",
            "en",
            None,
            True,
        ),
    ),
    year=2026,
)

STEP = replace(
    ITEM,
    kind=NewsKind.NEW_STEP,
    agreement_id="A3",
    parties=("IT", "TN", "EU"),
    instrument=Instrument.MEMORANDUM,
    topics=(Topic.LABOUR,),
    status=Status.RATIFIED,
    before=Status.SIGNED,
    place=None,
    event_date=None,
    quote="صادق مجلس نواب الشعب، اليوم الثلاثاء، على مذكرة التفاهم المبرمة مع إيطاليا بشأن تنقل اليد العاملة.",
    quote_language="ar",
    quote_outlet="صوت الساحل",
    reports=ITEM.reports[1:2],
    year=None,
)

SUBSCRIPTION = Subscription(
    "everything", ("file",), "Every agreement on migration", timezone="Europe/Madrid"
)

DIGEST = Digest(SUBSCRIPTION, (ITEM, STEP), (ITEM,) * 12, (), Watched(148, 154), NOW)


UNSURE = QueuedDocument(
    9,
    "Rome and Tunis speak about returns",
    "The Desk",
    "en",
    "https://desk.example/9",
    None,
    0.314,
    Card(),
    ReadFrame(("IT", "TN"), "speak", "", "returns"),
)


def in_language(language: str, name: str = "") -> Digest:
    """The sample digest for a reader of `language`."""
    return replace(
        DIGEST,
        subscription=replace(SUBSCRIPTION, language=language, name=name or SUBSCRIPTION.name),
    )
