"""Digests to render: made by hand, so that each test says what it needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from crawler.register.grade import Grounds
from scheduler.notify.digest.build import Digest, DigestItem
from scheduler.schedule.sources_due import Watched
from storage.records import Card, GradeBasis, Instrument, NewsKind, ReadFrame, Status, Topic
from storage.register.entry import Agreement, Step
from storage.search.document_rows import DocumentRow
from storage.subscription import Subscription

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def report(number: int, language: str, outlet: str, title: str, **values: Any) -> DocumentRow:
    return DocumentRow(
        id=number,
        external_id=None,
        title=title,
        outlet=outlet,
        language=language,
        url=values.pop("url", None),
        published_on=values.pop("published_on", None),
        score=7.5,
        card=Card(),
        agreement_id=None,
        quote=values.pop("quote", ""),
        first_seen_at=values.pop("first_seen_at", NOW),
        **values,
    )


_FLEUVE = report(
    1,
    "fr",
    "Le Quotidien du Fleuve",
    "Maroc et Niger signent à Rabat une déclaration contre la traite",
    url="https://fleuve.example/a?x=1&y=2",
    published_on=date(2026, 11, 20),
    quote="Le Maroc et le Niger ont signé vendredi à Rabat une déclaration commune contre la traite des personnes.",
)
_SAHEL = report(
    2,
    "ar",
    "صوت الساحل",
    "المغرب والنيجر يوقعان في الرباط إعلانا مشتركا لمكافحة الاتجار بالبشر",
    url="https://sahel.example/ar/12",
    published_on=date(2026, 11, 21),
    quote="صادق مجلس نواب الشعب، اليوم الثلاثاء، على مذكرة التفاهم المبرمة مع إيطاليا بشأن تنقل اليد العاملة.",
)
_DESK = report(
    3,
    "en",
    "The Desk",
    "Morocco, Niger sign declaration on smuggling",
    url="https://desk.example/7",
)
ITEM = DigestItem(
    kind=NewsKind.NEW_AGREEMENT,
    agreement=Agreement(
        id="A17",
        title="Maroc et Niger signent une déclaration",
        parties=("MA", "NE"),
        instrument=Instrument.DECLARATION,
        topics=(Topic.TRAFFICKING, Topic.BORDER),
        status=Status.SIGNED,
        place="Rabat",
        event_date=date(2026, 11, 20),
        history=(Step(Status.SIGNED, date(2026, 11, 20), "", (1, 2, 3)),),
        grade_basis=GradeBasis.OUTLETS,
    ),
    reports=(_FLEUVE, _SAHEL, _DESK),
    news=frozenset({1, 2, 3}),
    quoted=_FLEUVE,
    grounds=Grounds(GradeBasis.OUTLETS, ("Le Quotidien du Fleuve", "صوت الساحل", "The Desk"), 0.97),
)

STEP = DigestItem(
    kind=NewsKind.NEW_STEP,
    agreement=Agreement(
        id="A3",
        title=ITEM.agreement.title,
        parties=("IT", "TN", "EU"),
        instrument=Instrument.MEMORANDUM,
        topics=(Topic.LABOUR,),
        status=Status.RATIFIED,
        grade_basis=GradeBasis.OUTLETS,
    ),
    before=Status.SIGNED,
    reports=(_SAHEL,),
    news=frozenset({2}),
    quoted=_SAHEL,
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


UNSURE = report(
    9,
    "en",
    "The Desk",
    "Rome and Tunis speak about returns",
    url="https://desk.example/9",
    probability=0.314,
    frame=ReadFrame(("IT", "TN"), "speak", "", "returns"),
)


def about(item: DigestItem, **facts: Any) -> DigestItem:
    """The item, with other facts of its agreement."""
    return replace(item, agreement=replace(item.agreement, **facts))


def in_language(language: str, name: str = "") -> Digest:
    """The sample digest for a reader of `language`."""
    return replace(
        DIGEST,
        subscription=replace(SUBSCRIPTION, language=language, name=name or SUBSCRIPTION.name),
    )
