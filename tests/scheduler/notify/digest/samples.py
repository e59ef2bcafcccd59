"""Digests to render: made by hand, so that each test says what it needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from scheduler.notify.digest.build import Digest, DigestItem, ReportLink
from scheduler.schedule.sources_due import Watched
from storage.records import Card, Instrument, NewsKind, ReadFrame, Status, Topic
from storage.review.review_queue import QueuedDocument
from storage.subscription import Subscription

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
            document_id=1,
            title="Maroc et Niger signent à Rabat une déclaration contre la traite",
            url="https://fleuve.example/a?x=1&y=2",
            outlet="Le Quotidien du Fleuve",
            language="fr",
            published_on=date(2026, 11, 20),
            is_new=True,
        ),
        ReportLink(
            document_id=2,
            title="المغرب والنيجر يوقعان في الرباط إعلانا مشتركا لمكافحة الاتجار بالبشر",
            url="https://sahel.example/ar/12",
            outlet="صوت الساحل",
            language="ar",
            published_on=date(2026, 11, 21),
            is_new=True,
        ),
        ReportLink(
            document_id=3,
            title="Morocco, Niger sign declaration on smuggling",
            url="https://desk.example/7",
            outlet="The Desk",
            language="en",
            published_on=None,
            is_new=True,
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

DIGEST = Digest(
    subscription=SUBSCRIPTION,
    items=(ITEM, STEP),
    rest=(ITEM,) * 12,
    notices=(),
    watched=Watched(148, 154),
    made_at=NOW,
)


UNSURE = QueuedDocument(
    document_id=9,
    title="Rome and Tunis speak about returns",
    outlet="The Desk",
    language="en",
    url="https://desk.example/9",
    published_on=None,
    probability=0.314,
    card=Card(),
    frame=ReadFrame(("IT", "TN"), "speak", "", "returns"),
)


def in_language(language: str, name: str = "") -> Digest:
    """The sample digest for a reader of `language`."""
    return replace(
        DIGEST,
        subscription=replace(SUBSCRIPTION, language=language, name=name or SUBSCRIPTION.name),
    )
