"""What a subscription's filter lets through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from storage.filter import Filter
from storage.records import Instrument, Status, Topic
from storage.register.records import Agreement, Step
from storage.search.filtering import FilteredReport, wants

STEP = Step(Status.RATIFIED, date(2026, 3, 10), "", (1,))
AGREEMENT = Agreement(
    id="A1",
    title="Protocol",
    parties=("AL", "IT"),
    instrument=Instrument.PROTOCOL,
    topics=(Topic.ASYLUM,),
    status=Status.IN_FORCE,
    place=None,
    event_date=None,
    history=(STEP, Step(Status.IN_FORCE, None, "", (2,))),
)
REPORT = FilteredReport(
    document_id=1,
    language="it",
    source_id="ansa",
    outlet="ansa.example",
    score=7.5,
    dated_on=date(2026, 3, 11),
    folded="il protocollo con l albania ratificato",
)


@pytest.mark.parametrize(
    "flt",
    [
        Filter(),
        Filter(parties=("IT",)),
        Filter(parties=("IT", "AL")),
        Filter(corridors=("ES-MA", "IT-AL")),
        Filter(topics=(Topic.VISA, Topic.ASYLUM)),
        Filter(instruments=(Instrument.PROTOCOL,)),
        Filter(statuses=(Status.RATIFIED,)),
        Filter(languages=("it",)),
        Filter(sources=("ansa",)),
        Filter(sources=("ansa.example",)),
        Filter(since=date(2026, 3, 11), until=date(2026, 3, 11)),
        Filter(min_score=7.5),
        Filter(query='"con l albania" ratif*'),
    ],
)
def test_what_fits_is_wanted(flt: Filter) -> None:
    assert wants(flt, AGREEMENT, STEP, [REPORT])


@pytest.mark.parametrize(
    "flt",
    [
        Filter(parties=("IT", "TN")),
        Filter(corridors=("IT-TN",)),
        Filter(topics=(Topic.VISA,)),
        Filter(instruments=(Instrument.TREATY,)),
        Filter(statuses=(Status.IN_FORCE,)),  # the agreement's, but not this step's
        Filter(languages=("fr",)),
        Filter(sources=("afp",)),
        Filter(since=date(2026, 3, 12)),
        Filter(until=date(2026, 3, 10)),
        Filter(min_score=8),
        Filter(query="trattato"),
        Filter(query='""'),
        Filter(parties=("IT",), languages=("fr",)),
    ],
)
def test_what_does_not_fit_is_not(flt: Filter) -> None:
    assert not wants(flt, AGREEMENT, STEP, [REPORT])


def test_without_a_step_the_agreement_s_own_status_counts() -> None:
    assert wants(Filter(statuses=(Status.IN_FORCE,)), AGREEMENT, None, [REPORT])


def test_one_report_is_enough_but_it_must_fit_in_all() -> None:
    french = replace(REPORT, language="fr", source_id="afp")
    assert wants(Filter(languages=("fr",)), AGREEMENT, STEP, [REPORT, french])
    assert not wants(
        Filter(languages=("fr",), sources=("ansa",)), AGREEMENT, STEP, [REPORT, french]
    )
