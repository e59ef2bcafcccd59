"""Names of parties, as people write them in filters and in the words of a search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo
from typing import Self

import pytest

from crawler.located_yaml import shipped_yaml
from scheduler.configuration.party_names import (
    corridor_fault,
    corridor_meant,
    instead_of,
    name_at,
    nearest_parties,
    parties_among,
    party_fault,
    party_meant,
)
from scheduler.configuration.query import Query, QueryError, query_of, read_query
from scheduler.configuration.vocabulary import SEARCH_WORDS
from storage.filter import allowed, attributes


def test_a_subscription_knows_a_party_among_its_own_group() -> None:
    meant = Query(query="Morocco with African states").meant
    assert meant.parameters == [("party", "MA"), ("within", "africa")]


def test_europe_is_the_eu_as_a_party_and_its_states_among_words() -> None:
    assert party_meant("Europe") == "EU"
    assert name_at(["Europe"], 0) == ("european-states", True, 1)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(("Morocco", "MA"), ("maroc", "MA"), ("Marokko", "MA"), ("المغرب", "MA"), ("ma", "MA")),
        *(
            ("Côte d'Ivoire", "CI"),
            ("cote d'ivoire", "CI"),
            ("Ivory Coast", "CI"),
            ("Turkey", "TR"),
        ),
        *(("the Gambia", "GM"), ("Etats-Unis", "US"), ("UK", "GB"), ("RD Congo", "CD")),
        *(("European Union", "EU"), ("UE", "EU"), ("الاتحاد الأوروبي", "EU"), ("OIM", "IOM")),
        *(("السعودية", "SA"), ("Palestine", "PS"), ("Repubblica Ceca", "CZ"), ("Niger", "NE")),
    ],
)
def test_a_name_in_any_language_is_its_code(written: str, code: str) -> None:
    assert party_meant(written) == code
    assert read_query([("party", written)]).parties == (code,)


def test_of_a_pair_what_names_no_party_is_the_fault() -> None:
    fault = "'Tunisa' is not a party code; did you mean Tunisia (TN)?"
    assert corridor_fault("Italy-Tunisa") == corridor_fault("Tunisa-Italy") == fault
    assert corridor_fault("IT-TN") is None


def test_a_misspelt_name_gets_one_suggestion() -> None:
    assert nearest_parties("Moroco") == {"MA": "Morocco"}
    assert party_fault("Moroco") == "'Moroco' is not a party code; did you mean Morocco (MA)?"
    assert nearest_parties("trafficking") == {}
    with pytest.raises(
        QueryError, match=r"party: “Tunesia” is not a known party.* Did you mean Tunisia\?"
    ):
        read_query([("party", "Tunesia")])


def test_a_corridor_may_be_written_in_names() -> None:
    assert corridor_meant("Italy-Tunisia") == "IT-TN"
    assert corridor_meant("Guinea-Bissau–Senegal") == "GW-SN"
    assert read_query([("corridor", "Italie-tn")]).filter.pairs == [("IT", "TN")]
    with pytest.raises(QueryError, match="corridor"):
        read_query([("corridor", "Italy-Narnia")])


WITHOUT_SPAIN = (
    *("Morocco -Spain", "Maroc -Espagne", "Morocco not Spain", "Morocco without Spain"),
    *("Maroc sans l'Espagne", "Marruecos sin España", "Marokko ohne Spanien"),
    *("Marocco senza la Spagna", "Marrocos sem a Espanha", "المغرب بدون إسبانيا"),
)
EITHER = (
    *("Morocco OR Tunisia", "Morocco or Tunisia", "Maroc ou Tunisie", "Marruecos o Túnez"),
    *("Marokko oder Tunesien", "المغرب أو تونس"),
)
LAST_YEAR = (
    *("last year", "l'année dernière", "el año pasado", "letztes Jahr", "l'anno scorso"),
    *("no ano passado", "العام الماضي"),
)
THIS_MONTH = (
    *("this month", "ce mois-ci", "este mes", "diesen Monat", "questo mese", "este mês"),
    "هذا الشهر",
)


IN_FORCE_ON_A_DAY = (
    "agreements in force with Morocco on 31 December 2022",
    "en vigueur avec le Maroc le 31 décembre 2022",
    "en vigor con Marruecos el 31 de diciembre de 2022",
    "سارية مع المغرب في 31 ديسمبر 2022",
)


@pytest.mark.parametrize("query", IN_FORCE_ON_A_DAY)
def test_what_was_in_force_on_a_day_asks_how_things_stood(query: str) -> None:
    assert read_query([("q", query)]).parameters == [
        *(("party", "MA"), ("status", "in_force"), ("as_of", "2022-12-31"), ("clock", "stood"))
    ]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("signed on 3 May 2024", {"since": "2024-05-03", "until": "2024-05-03"}),
        ("May 3rd, 2024 Tunisia", {"since": "2024-05-03", "until": "2024-05-03"}),
        ("before 5 March 2024 Libya", {"until": "2024-03-04"}),
        *(
            (words, {})
            for words in (
                "31 articles",
                "Tunisia 12",
                "Libya 3 May",
                "Libya 31 February 2024",
                "3 4 May 2024 Libya",
            )
        ),
    ],
)
def test_a_day_of_a_month_is_read_where_month_and_year_stand_by(
    query: str, days: dict[str, str]
) -> None:
    given = dict(read_query([("q", query)]).parameters)
    assert {name: given[name] for name in ("since", "until") if name in given} == days


@pytest.mark.parametrize(
    ("query", "groups"), [("Gulf Asia", ["gcc", "asia"]), ("Golfe et Asie", ["gcc", "asia"])]
)
def test_two_groups_are_asked_for_together(query: str, groups: list[str]) -> None:
    assert read_query([("q", query)]).parameters == [("group", group) for group in groups]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        *(("Morocco Spain", ("MA", "ES")), ("Maroc Espagne", ("MA", "ES"))),
        *(("المغرب إسبانيا", ("MA", "ES")), ("المغرب وإسبانيا", ("MA", "ES"))),
        *(("Marokko und Spanien", ("MA", "ES")), ("EU, Tunisia", ("EU", "TN"))),
        *(("United States of America and Mexico", ("US", "MX")), ("Morocco", ("MA",))),
        *(("Guinea-Bissau Senegal", ("GW", "SN")), ("MA ES", ("MA", "ES"))),
    ],
)
def test_words_that_are_nothing_but_names_name_parties(query: str, codes: tuple[str, ...]) -> None:
    assert parties_among(query) == (codes, (), "")


@pytest.mark.parametrize(
    "query",
    [
        *("de es", "no", "", "Morocco summit", "Morocco OR summit", "Morocco -summit"),
        *('"Morocco Spain"', "Moro*", "Morocco " * 13, "and", "و", "-"),
    ],
)
def test_other_words_name_none(query: str) -> None:
    read = Query(query=query)
    assert read.meant == read.searched == read


@pytest.mark.parametrize("query", ["migration network", "fact sheet", "subscribe to agreements"])
def test_words_that_may_ask_to_see_something_stay_words(query: str) -> None:
    read = Query(query=query)
    assert read.meant == read.searched == read


@pytest.mark.parametrize("query", ["agreements by country", "oldest agreements"])
def test_what_asks_for_the_whole_register_gives_no_subscription_to_all(query: str) -> None:
    read = Query(query=query)
    assert (read.searched.query, read.meant) == ("", read)


@pytest.mark.parametrize(
    ("query", "codes", "rest"),
    [
        ("Tunisie visa", ("TN",), "visa"),
        ("readmission between Morocco and Spain", ("MA", "ES"), "readmission between"),
        ("visa", (), "visa"),
        ('"visa" Tunisie', (), '"visa" Tunisie'),
    ],
)
def test_names_stand_among_other_words(query: str, codes: tuple[str, ...], rest: str) -> None:
    assert parties_among(query) == (codes, (), rest)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Gulf states and South Asia", "?group=gcc&group=south-asia"),
        ("دول الخليج", "?group=gcc"),
        ("Tunisie membres de l'UE", "?party=TN&group=eu-members"),
        ("ECOWAS", "?party=ECOWAS"),  # the body itself
        ("ECOWAS members", "?group=ecowas"),
        ("A3, A12", "?agreement=A3&agreement=A12"),
        ("Morocco Spain 2023", "?party=MA&party=ES&since=2023-01-01&until=2023-12-31"),
        ("signed 2022", "?step=signed&since=2022-01-01&until=2022-12-31"),
        ("Kenya, suspended, in force", "?party=KE&status=suspended&status=in_force"),
        ("suspended terminated", "?step=suspended&step=terminated"),
        ("Italia en vigor", "?party=IT&step=in_force"),
        ("Morocco 2022-2023", "?party=MA&since=2022-01-01&until=2023-12-31"),
        ("treaties of Germany since 2020", "?party=DE&instrument=treaty&since=2020-01-01"),
        ("acuerdos de España sobre visados", "?party=ES&topic=visa"),
        ("معاهدات إيطاليا", "?party=IT&instrument=treaty"),
        ("Kenya labour mobility, no text", "?party=KE&topic=labour_mobility&text=missing"),
        (
            "Tunisia EU members signed 2023",
            "?party=TN&step=signed&group=eu-members&since=2023-01-01&until=2023-12-31",
        ),
        ("labour and readmission", "?topic=labour_mobility&also=readmission_returns"),
        ("africa-press.net", "?source=africa-press.net"),
        ("dw.com, Tunisia", "?party=TN&source=dw.com"),
        ("ratified agreements", "?step=ratified"),
        ("since 2020", "?since=2020-01-01"),
        ("signed in March 2024", "?step=signed&since=2024-03-01&until=2024-03-31"),
        ("Maroc août 2023", "?party=MA&since=2023-08-01&until=2023-08-31"),
        ("Mauritania desde febrero 2024", "?party=MR&since=2024-02-01"),
        ("تونس يوليو 2023", "?party=TN&since=2023-07-01&until=2023-07-31"),
        ("January to May 2024", "?since=2024-01-01&until=2024-05-31"),
        ("acuerdos suspendidos o denunciados", "?step=suspended&step=terminated"),
        ("Has Denmark an agreement with Rwanda?", "?party=DK&party=RW"),
        ("où en est le protocole Italie-Albanie ?", "?party=IT&party=AL&instrument=protocol"),
        ("ماذا وقعت إيطاليا مع تونس؟", "?party=IT&party=TN&step=signed"),
        ("How many agreements has Spain signed?", "?party=ES&step=signed"),
        ("quels accords entre la Suisse et la Tunisie ?", "?party=CH&party=TN"),
        ("¿Qué acuerdos ha firmado España?", "?party=ES&step=signed"),
        (
            "ما مذكرات التفاهم بين الأردن ومصر؟",
            "?party=JO&party=EG&instrument=memorandum_of_understanding",
        ),
        ("Italy visas or labour", "?party=IT&topic=visa&topic=labour_mobility"),
        ("Switzerland until 2015", "?party=CH&until=2015-12-31"),
        ("Maroc jusqu'en 2015", "?party=MA&until=2015-12-31"),
        ("Morocco 2018 to 2023", "?party=MA&since=2018-01-01&until=2023-12-31"),
        ("bilateral migration agreements of Germany", "?party=DE&sides=bilateral"),
        ("accords migratoires suspendus depuis 2020", "?step=suspended&since=2020-01-01"),
        ("accords signés par la France avec l'Algérie", "?party=FR&party=DZ&step=signed"),
        ("accords de la France avec l'Afrique", "?party=FR&group=africa"),
        ("plan d'action UE Turquie", "?party=EU&party=TR&instrument=action_plan"),
        ("acuerdos firmados por España con países africanos", "?party=ES&step=signed&group=africa"),
        ("اتفاقيات الهجرة الموقعة مع ليبيا", "?party=LY&step=signed"),
        ("اتفاقيات تونس وإيطاليا السارية", "?party=TN&party=IT&step=in_force"),
    ],
)
def test_the_words_of_a_search_may_be_filters(typed: str, address: str) -> None:
    assert read_query([("q", typed)]).address("") == address


@pytest.mark.parametrize(
    ("typed", "chosen", "address"),
    [
        ("Italy visas", ["visa"], "?party=IT&topic=visa"),
        ("Italy labour", ["visa"], "?party=IT&topic=visa&also=labour_mobility"),
        (
            "Italy labour or readmission",
            ["visa"],
            "?party=IT&topic=labour_mobility&topic=readmission_returns&also=visa",
        ),
        (
            "suspended or terminated",
            ["visa", "border_control"],
            "?topic=visa&topic=border_control&step=suspended&step=terminated",
        ),
        (
            "Italy labour or readmission",
            ["visa", "border_control"],
            "?q=Italy+labour+or+readmission&topic=visa&topic=border_control",
        ),
    ],
)
def test_topics_that_were_chosen_are_asked_for_beside_those_that_words_name(
    typed: str, chosen: list[str], address: str
) -> None:
    pairs = [("q", typed), *(("topic", one) for one in chosen)]
    assert read_query(pairs).address("") == address


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "2023",
            "signed",
            "signed in 2023 by Meloni",
            "visas",
            "treaty",
            '"A3"',
            "accord de 1968",
        ),
        *("March", "Italy March", "Italy March 2023 May 2024", "fishing OR boats Morocco"),
        *("agreements", "migration", '"dw.com"', "Italy -dw.com", "Italy not fishing"),
        *('"signed" "visas"', "visa* signed", "Italy OR fishing", "Italy OR visas"),
        *("Morocco not Spain or Tunisia", "Morocco OR -Spain", "-Spain OR -Italy"),
    ],
)
def test_what_is_not_all_filters_stays_words(typed: str) -> None:
    assert read_query([("q", typed)]).query == typed


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        *((one, "?party=MA&not_party=ES") for one in WITHOUT_SPAIN),
        *((one, "?any_party=MA&any_party=TN") for one in EITHER),
        ("-Spain", "?not_party=ES"),
        ("Morocco -Saudi Arabia", "?party=MA&not_party=SA"),
        ("Morocco -Spain fishing", "?q=fishing&party=MA&not_party=ES"),
        ('Morocco -Spain "two ministers"', "?q=%22two+ministers%22&party=MA&not_party=ES"),
        ("Morocco or Tunisia, boats", "?q=boats&any_party=MA&any_party=TN"),
        ("signed -visas", "?not_topic=visa&step=signed"),
        ("-visas signed", "?not_topic=visa&step=signed"),
        (
            "Italy MoU not in force",
            "?party=IT&instrument=memorandum_of_understanding&not_status=in_force",
        ),
        (
            "non ratifiés Italie 2023",
            "?party=IT&not_step=ratified&since=2023-01-01&until=2023-12-31",
        ),
        (
            "Italy or Spain visas or labour",
            "?any_party=IT&any_party=ES&topic=visa&topic=labour_mobility",
        ),
    ],
)
def test_what_is_excluded_or_an_alternative_is_read_beside_other_words(
    typed: str, address: str
) -> None:
    assert read_query([("q", typed)]).address("") == address


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        *((one, "2025-01-01", "2025-12-31") for one in LAST_YEAR),
        ("Morocco this year", "2026-01-01", "2026-12-31"),
        *((one, "2026-03-01", "2026-03-31") for one in THIS_MONTH),
        ("signed last month", "2026-02-01", "2026-02-28"),
        ("since last year", "2025-01-01", None),
        ("from last year", "2025-01-01", "2025-12-31"),
        ("Morocco before last month", None, "2026-01-31"),
        ("منذ ٢٠٢٣ مع المغرب", "2023-01-01", None),
        ("in 2019", "2019-01-01", "2019-12-31"),
        ("en 2019", "2019-01-01", "2019-12-31"),
        ("before March 2024", None, "2024-02-29"),
        ("avant 2020", None, "2019-12-31"),
        ("Túnez antes de marzo de 2024", None, "2024-02-29"),
        ("تونس قبل 2020", None, "2019-12-31"),
    ],
)
def test_days_in_words_are_days_of_the_filter(
    monkeypatch: pytest.MonkeyPatch, typed: str, since: str | None, until: str | None
) -> None:
    monkeypatch.setattr("scheduler.configuration.search_days.datetime", _Clock)
    read = read_query([("q", typed)])
    assert (read.query, read.since, read.until) == ("", *map(_day, (since, until)))


@pytest.mark.parametrize(
    ("typed", "parameters"),
    [
        ("agreements that expire in 2028", {"since": "2028-01-01", "until": "2028-12-31"}),
        ("accords qui expirent avant 2030", {"until": "2029-12-31"}),
        ("Túnez, acuerdos que vencen en 2028", {"party": "TN", "since": "2028-01-01"}),
        ("الاتفاقات التي تنتهي في 2028", {"since": "2028-01-01"}),
    ],
)
def test_what_expires_is_asked_for_by_its_first_term(
    typed: str, parameters: dict[str, str]
) -> None:
    read = dict(read_query([("q", typed)]).parameters)
    assert read["by"] == "expires"
    assert parameters.items() <= read.items()


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("third-country nationals", "third_country"),
        ("ressortissants de pays tiers", "third_country"),
        ("preaviso", "notice"),
        ("التجديد التلقائي", "renewal"),
    ],
)
def test_what_texts_say_something_of_is_asked_for_in_words(typed: str, kind: str) -> None:
    assert read_query([("q", typed)]).parameters == [("provision", kind)]


@pytest.mark.parametrize("typed", ["expires", "what expires"])
def test_an_end_without_a_day_stays_words(typed: str) -> None:
    assert read_query([("q", typed)]).parameters == [("q", typed)]


def test_no_party_is_a_corridor_with_itself() -> None:
    with pytest.raises(QueryError):
        read_query([("corridor", "IT-IT")])


class _Clock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2026, 3, 31, 23, 30, tzinfo=tz)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


@pytest.mark.parametrize(
    "pairs",
    [
        [("party", "MA"), ("not_party", "Maroc")],
        [("q", "Morocco -Morocco")],
        [("any_party", "MA"), ("not_party", "MA")],
        [("topic", "visa"), ("not_topic", "visa")],
        [("also", "visa"), ("topic", "other"), ("not_topic", "visa")],
        [("status", "signed"), ("not_status", "signed")],
    ],
)
def test_what_nothing_can_match_is_one_line(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(QueryError, match="is both wanted and excluded") as caught:
        read_query(pairs)
    assert len(caught.value.misread) == 1


def test_a_contradiction_names_the_party_not_its_code() -> None:
    with pytest.raises(QueryError, match="“Morocco” is both wanted"):
        read_query([("q", "Maroc -Morocco")])


def test_of_several_values_one_may_be_excluded() -> None:
    pairs = [("topic", "visa"), ("topic", "other"), ("not_topic", "visa")]
    assert len(read_query(pairs).topics) == 2


@pytest.mark.parametrize("typed", ["visas no", "Italy not fishing", "Italy OR fishing"])
def test_what_is_not_wanted_is_not_offered_as_a_filter(typed: str) -> None:
    assert read_query([("q", typed)]).besides is None


def test_other_words_stay_beside_the_filters() -> None:
    read = read_query([("q", "signed in Rabat 2023")]).besides
    assert read is not None
    assert read.address("") == "?q=Rabat&step=signed&since=2023-01-01&until=2023-12-31"


def test_a_year_among_the_words_does_not_replace_given_days() -> None:
    query = read_query([("q", "Morocco 2023"), ("since", "2022-01-01")])
    assert (query.query, query.since) == ("Morocco 2023", date(2022, 1, 1))


def test_a_subscription_reads_its_words_as_parties_and_groups_only() -> None:
    assert query_of({"query": "Morocco Sahel"}).address("") == "?party=MA&group=sahel"
    assert query_of({"query": "Morocco 2023"}).query == "Morocco 2023"


def test_misspelt_names_are_put_right_only_where_all_else_is_a_name() -> None:
    assert instead_of("Morroco Spain") == "Morocco Spain"
    assert instead_of("Maroc Espagn") == "Maroc Espagne"
    assert instead_of("Morocco Spain") is None
    assert instead_of("Morroco agreement") is None


def test_an_address_is_written_in_codes_and_goes_without_one_condition() -> None:
    query = read_query(
        [("q", "visa"), ("party", "MA"), ("party", "ES"), ("topic", "visa"), ("known", "yes")]
    )
    assert query.without("party", "MA").parties == ("ES",)
    assert query.without("q", "visa").query == ""
    assert query.without("known", "yes").known is None
    assert query.without("topic", "visa").parameters == [
        ("q", "visa"),
        ("party", "MA"),
        ("party", "ES"),
        ("known", "yes"),
    ]


@pytest.mark.parametrize("name", ["instrument", "topic", "text", "grade", "step"])
def test_each_word_of_a_search_is_one_of_a_value_that_there_is(name: str) -> None:
    values = shipped_yaml(SEARCH_WORDS)[name]
    assert {*values} <= {*allowed(attributes()[name])}
    read = [read_query([("q", f"Kenya {one}")]).parameters for one in flat(values.values())]
    assert [one for one in read if len(one) < 2 or one[0] != ("party", "KE")] == []


def flat(written: Iterable[object]) -> Iterator[object]:
    for one in written:
        yield from flat(one) if isinstance(one, list) else (one,)
