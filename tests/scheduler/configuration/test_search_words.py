"""Questions as analysts type them, and the filters that they are read as; and what stays words."""

from __future__ import annotations

import json
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Self

import pytest

from scheduler.configuration.query import read_query
from scheduler.configuration.search_words import view_meant
from tests.eval.corpus import is_held

# What was typed, and the parameters of the search that it stands for; today is 31 March 2026.
QUESTIONS = (
    # English
    ("not reviewed agreements Italy", "party=IT reviewed=no"),
    ("Libya unreviewed", "party=LY reviewed=no"),
    ("Tunisia reviewed by a person", "party=TN reviewed=yes"),
    ("Italy deals that were never ratified", "party=IT not_step=ratified"),
    ("signed but never in force", "step=signed not_step=in_force"),
    ("accords signés mais jamais ratifiés avec la Libye", "party=LY step=signed not_step=ratified"),
    ("agreements still in force with Morocco", "party=MA status=in_force"),
    ("signed but not ratified", "step=signed not_step=ratified"),
    ("agreements between two non-European states", "within=outside-europe"),
    ("accords hors d’Europe", "within=outside-europe"),
    ("Italy outside of Europe", "party=IT group=outside-europe"),
    ("Which country has the most agreements?", ""),
    ("Niger by Arabic sources", "party=NE language=ar"),
    ("EU deals neither signed nor in force", "party=EU not_step=signed not_step=in_force"),
    ("accords du Mali ni signés ni ratifiés", "party=ML not_step=signed not_step=ratified"),
    ("pending ratification", ""),
    ("signed yesterday", "step=signed since=2026-03-30 until=2026-03-30"),
    ("¿Cuáles caducan en 2027?", "since=2027-01-01 until=2027-12-31 by=expires"),
    ("Vietnam workers Europe", "party=VN topic=labour_mobility group=european-states"),
    ("US safe third country agreements", "party=US topic=asylum_protection"),
    ("agreements without Europe", "not_group=european-states"),
    ("Libya deals not with EU members", "party=LY not_group=eu-members"),
    ("signed, never ratified, not a memorandum",
     "not_instrument=memorandum_of_understanding step=signed not_step=ratified"),
    ("in force", "step=in_force"),
    ("suspended", "status=suspended"),
    ("EU Türkiye statement", "party=EU party=TR instrument=declaration"),
    ("visas between Africa and Europe", "topic=visa group=africa group=european-states"),
    ("Welche Abkommen gelten noch?", "status=in_force"),
    # Adjectives
    ("Greek agreements", "party=GR"),
    ("accords franco-sénégalais", "party=FR party=SN"),
    ("acuerdos hispano-marroquíes", "party=ES party=MA"),
    ("deutsch-tunesisches Abkommen", "party=DE party=TN"),
    ("الاتفاقيات الإيطالية الليبية", "party=IT party=LY"),
    ("French deals with Mali reported in English", "party=FR party=ML language=en"),
    ("deals with Pacific islands", "q=deals with Pacific islands"),
    ("no readmisión, sino visados", "topic=visa not_topic=readmission_returns"),
    ("Moroccan deals outside Europe", "party=MA within=outside-europe"),
    ("Morocco with African states", "party=MA within=africa"),
    ("which African countries have no agreement with Egypt", "party=EG group=africa"),
    ("suspended agreements", "status=suspended"),
    ("agreements that were suspended in 2023", "step=suspended since=2023-01-01 until=2023-12-31"),
    ("accords de réadmission en négociation", "topic=readmission_returns status=negotiating"),
    ("MoU with no text published", "instrument=memorandum_of_understanding text=missing"),
    ("ongoing negotiations with Jordan", "party=JO status=negotiating"),
    ("oldest agreement still in force", "status=in_force"),
    ("what was public on 1 March 2024", "as_of=2024-03-01 clock=published"),
    ("as known on 2024-03-01", "as_of=2024-03-01"),
    ("Tunisia as things stood on 31 December 2019", "party=TN as_of=2019-12-31 clock=stood"),
    ("Libya signatures by mail weekly", "party=LY step=signed"),
    ("Egypt coverage", "party=EG"),
    ("EU members with nothing with Nigeria", "party=NG group=eu-members"),
    (
        "EU states without a readmission agreement with Nigeria",
        "party=NG topic=readmission_returns group=eu-members",
    ),
    ("failed negotiations Libya", "party=LY status=rejected step=negotiating"),
    ("مفاوضات بين الاتحاد الأوروبي والأردن أو لبنان", "party=EU any_party=JO any_party=LB step=negotiating"),
    ("accords de travail du Golfe depuis 2020", "topic=labour_mobility group=gcc since=2020-01-01"),
    ("qué vence en seis meses", "since=2026-03-31 until=2026-09-30 by=expires"),
    ("ce qui expire dans six mois", "since=2026-03-31 until=2026-09-30 by=expires"),
    ("accords qui ont changé deux fois d’état en un an", "changes=2"),
    ("cambió de estado dos veces en un año", "changes=2"),
    ("تغيرت حالته مرتين خلال سنة", "changes=2"),
    ("bilateral agreements of Libya", "party=LY sides=bilateral"),
    ("acuerdos multilaterales con España", "party=ES sides=multilateral"),
    ("اتفاقيات ثنائية مع تونس", "party=TN sides=bilateral"),
    ("signed but text not published", "step=signed text=missing"),
    ("¿Con qué países negocia la UE acuerdos de readmisión?", "party=EU topic=readmission_returns step=negotiating"),
    ("what happened in March 2024", "since=2024-03-01 until=2024-03-31"),
    ("baltic or Visegrad states", " ".join(f"any_party={one}" for one in ("EE", "LT", "LV", "CZ", "HU", "PL", "SK"))),
    ("Accords avec des pays d'Afrique subsaharienne", "group=sub-saharan-africa"),
    ("asylum in Southeast Asia", "topic=asylum_protection group=south-east-asia"),
    ("¿Qué pasó en el último mes?", "since=2026-02-28"),
    ("firmados en el último año", "step=signed since=2025-03-31"),
    ("ما هي الاتفاقيات مع مصر وهل هي سارية", "party=EG step=in_force"),
    ("first agreement between Italy and Libya", "party=IT party=LY"),
    ("agreements of Libya with other countries", "party=LY"),
    ("agreements with Libya known only from Arabic reports", "party=LY language=ar"),
    ("what came in during the last 7 days", "since=2026-03-24 by=learnt"),
    ("EU Turkey official sources", "party=EU party=TR basis=official"),
    ("unconfirmed agreements with Egypt", "party=EG grade=unconfirmed"),
    ("agreements with Tunisia in Arabic", "party=TN language=ar"),
    ("Morocco reported in French", "party=MA language=fr"),
    ("agreements of the last five years with Niger", "party=NE since=2021-03-31"),
    ("Italy last 3 months", "party=IT since=2025-12-31"),
    ("past 10 days", "since=2026-03-21"),
    ("signed in the last 12 months", "step=signed since=2025-03-31"),
    ("last decade Libya", "party=LY since=2016-03-31"),
    ("Spain past week", "party=ES since=2026-03-24"),
    ("recent agreements Italy", "party=IT"),
    ("latest deals with Egypt", "party=EG"),
    ("what did Germany announce but never sign", "party=DE step=concluded_not_signed not_step=signed"),
    ("memorandums with Libya not published", "party=LY instrument=memorandum_of_understanding text=missing"),
    ("expired agreements with Spain", "party=ES step=terminated"),
    ("what does France suspend", "party=FR step=suspended"),
    ("newest MoUs Jordan", "party=JO instrument=memorandum_of_understanding"),
    ("Germany agreements with text", "party=DE text=published"),
    ("Italy agreements without text", "party=IT text=missing"),
    ("Kenya published text", "party=KE text=published"),
    ("announced signatures with Iraq", "party=IQ by=expected"),
    ("upcoming signatures Italy", "party=IT step=signed by=expected"),
    ("agreements to be signed in 2026", "since=2026-01-01 until=2026-12-31 by=expected"),
    ("which agreements changed status", "changes=2"),
    ("Morocco between 2015 and 2018", "party=MA since=2015-01-01 until=2018-12-31"),
    ("Tuesday", "q=Tuesday"),
    ("agreements between African states", "within=africa"),
    ("agreements between two African states", "within=africa"),
    ("intra-African agreements", "within=africa"),
    ("accords de main-d’œuvre entre pays africains", "topic=labour_mobility within=africa"),
    ("acuerdos entre países africanos", "within=africa"),
    ("Abkommen zwischen asiatischen Staaten", "within=asia"),
    ("accordi tra paesi africani", "within=africa"),
    ("acordos entre países africanos", "within=africa"),
    ("اتفاقيات بين الدول الأفريقية", "within=africa"),
    ("agreements between Italy and African states", "party=IT group=africa"),
    ("between Asia and Africa", "group=asia group=africa"),
    ("Morocco 2015-2018", "party=MA since=2015-01-01 until=2018-12-31"),
    ("Albania in the nineties", "party=AL since=1990-01-01 until=1999-12-31"),
    ("Albania 1990s", "party=AL since=1990-01-01 until=1999-12-31"),
    ("after 2018 Turkey", "party=TR since=2019-01-01"),
    ("Tunisia since 2024-03-05", "party=TN since=2024-03-05"),
    ("before 5 March 2024 Libya", "party=LY until=2024-03-04"),
    ("Q1 2024 Morocco", "party=MA since=2024-01-01 until=2024-03-31"),
    ("first half of 2023 signed", "step=signed since=2023-01-01 until=2023-06-30"),
    ("since Q3 2022 Gambia", "party=GM since=2022-07-01"),
    ("deals with Libya signed by Italy", "party=LY party=IT step=signed"),
    ("show me all readmission agreements of Nigeria", "party=NG topic=readmission_returns"),
    ("list of visa deals with Vietnam", "party=VN topic=visa"),
    ("Has Ghana signed anything with Germany since 2020?",
     "party=GH party=DE step=signed since=2020-01-01"),
    ("how many readmission agreements by year", "topic=readmission_returns"),
    ("map of labour agreements since 2020", "topic=labour_mobility since=2020-01-01"),
    ("timeline of Italy and Libya", "party=IT party=LY"),
    ("JD Egypt EU", "party=EG party=EU instrument=declaration"),
    ("working arrangement Senegal", "party=SN instrument=arrangement"),
    ("changed status twice within a year", "changes=2"),
    ("Tunisia's partners 2019 and 2025", "party=TN since=2019-01-01 until=2025-12-31"),
    ("Libya, signatures only", "party=LY step=signed"),
    ("which signatures are announced, for when", "by=expected"),
    ("Libya within the last 5 years", "party=LY since=2021-03-31"),
    ("what expires within six months", "since=2026-03-31 until=2026-09-30 by=expires"),
    ("what did Italy agree on in the last two years?", "party=IT since=2024-03-31"),
    (
        "Which states signed a readmission agreement with the EU since 2020?",
        "party=EU topic=readmission_returns step=signed since=2020-01-01",
    ),
    (
        "What visa agreements entered into force in 2023?",
        "topic=visa step=in_force since=2023-01-01 until=2023-12-31",
    ),
    ("clause on third-country nationals", "provision=third_country"),
    ("who withdrew from an agreement", "step=terminated"),
    ("agreements reported only by one outlet", "basis=single basis=doubtful"),
    ("everything on Mauritania", "party=MR"),
    # French
    ("accords suspendus ces trois dernières années", "step=suspended since=2023-03-31"),
    ("quels accords l'Italie a-t-elle signés en 2023 ?",
     "party=IT step=signed since=2023-01-01 until=2023-12-31"),
    ("accords de réadmission avec l'Algérie", "party=DZ topic=readmission_returns"),
    ("accords en arabe avec le Niger", "party=NE language=ar"),
    ("les cinq dernières années Tunisie", "party=TN since=2021-03-31"),
    ("depuis 2 ans Mauritanie", "party=MR since=2024-03-31"),
    ("années 1990 Albanie", "party=AL since=1990-01-01 until=1999-12-31"),
    ("accords non vérifiés Libye", "party=LY reviewed=no"),
    ("premier semestre 2023 Maroc", "party=MA since=2023-01-01 until=2023-06-30"),
    ("accords avec texte Sénégal", "party=SN text=published"),
    ("derniers accords avec l'Égypte", "party=EG"),
    ("accords à signer Irak", "party=IQ by=expected"),
    ("après mars 2024 Gambie", "party=GM since=2024-04-01"),
    ("combien d'accords par an avec le Mali", "party=ML"),
    # Arabic
    ("مذكرات تفاهم مع مصر", "party=EG instrument=memorandum_of_understanding"),
    ("ما هي الاتفاقيات مع ليبيا منذ 2020", "party=LY since=2020-01-01"),
    ("اتفاقات تونس خلال آخر 5 سنوات", "party=TN since=2021-03-31"),
    ("منذ سنتين موريتانيا", "party=MR since=2024-03-31"),
    ("اتفاقيات إعادة القبول مع نيجيريا", "party=NG topic=readmission_returns"),
    ("مذكرتا تفاهم الأردن", "party=JO instrument=memorandum_of_understanding"),
    ("اتفاقيات بالعربية مع إيطاليا", "party=IT language=ar"),
    ("بعد 2018 تركيا", "party=TR since=2019-01-01"),
    ("الاتفاقيات غير المراجعة مع المغرب", "party=MA reviewed=no"),
    ("التسعينيات ألبانيا", "party=AL since=1990-01-01 until=1999-12-31"),
    ("اتفاقيات مع نص منشور مع كينيا", "party=KE text=published"),
    # Spanish
    ("acuerdos de readmisión con Argelia", "party=DZ topic=readmission_returns"),
    ("memorandos con Jordania", "party=JO instrument=memorandum_of_understanding"),
    ("últimos cinco años Mauritania", "party=MR since=2021-03-31"),
    ("¿qué acuerdos firmó Italia con Libia?", "party=IT party=LY step=signed"),
    ("acuerdos sin revisar de Túnez", "party=TN reviewed=no"),
    ("entre 2015 y 2018 Marruecos", "party=MA since=2015-01-01 until=2018-12-31"),
    ("primer trimestre de 2024 Gambia", "party=GM since=2024-01-01 until=2024-03-31"),
    ("años 90 Albania", "party=AL since=1990-01-01 until=1999-12-31"),
    ("después de 2018 Turquía", "party=TR since=2019-01-01"),
    ("noticias en francés sobre Níger", "party=NE language=fr"),
    ("cuántos acuerdos por país de visados", "topic=visa"),
    # German
    ("Rückübernahmeabkommen mit Nigeria", "party=NG topic=readmission_returns"),
    ("welche Abkommen hat Deutschland seit 2020 unterzeichnet",
     "party=DE step=signed since=2020-01-01"),
    ("letzte fünf Jahre Tunesien", "party=TN since=2021-03-31"),
    ("seit zwei Jahren Gambia", "party=GM since=2024-03-31"),
    ("Absichtserklärungen mit Kenia", "party=KE instrument=declaration"),
    ("Abkommen auf Arabisch mit Libyen", "party=LY language=ar"),
    ("zwischen 2015 und 2018 Marokko", "party=MA since=2015-01-01 until=2018-12-31"),
    ("nach 2018 Türkei", "party=TR since=2019-01-01"),
    ("in den neunziger Jahren Albanien", "party=AL since=1990-01-01 until=1999-12-31"),
    ("ungeprüfte Abkommen Ägypten", "party=EG reviewed=no"),
    ("in Kraft seit März 2024 Georgien", "party=GE step=in_force since=2024-03-01"),
    # Italian
    ("accordi di riammissione con la Nigeria", "party=NG topic=readmission_returns"),
    ("quali accordi ha firmato l'Italia con la Libia?", "party=IT party=LY step=signed"),
    ("ultimi cinque anni Tunisia", "party=TN since=2021-03-31"),
    ("dopo il 2018 Turchia", "party=TR since=2019-01-01"),
    ("anni novanta Albania", "party=AL since=1990-01-01 until=1999-12-31"),
    ("memorandum con l'Egitto in arabo",
     "party=EG instrument=memorandum_of_understanding language=ar"),
    ("accordi in vigore sui visti con l'Albania", "party=AL topic=visa step=in_force"),
    # Portuguese
    ("acordos de mobilidade laboral com Angola", "party=AO topic=labour_mobility"),
    ("quais acordos Portugal assinou com Marrocos?", "party=PT party=MA step=signed"),
    ("últimos cinco anos Cabo Verde", "party=CV since=2021-03-31"),
    ("depois de 2018 Brasil", "party=BR since=2019-01-01"),
    ("acordos não revistos com Angola", "party=AO reviewed=no"),
    ("anos 90 Guiné-Bissau", "party=GW since=1990-01-01 until=1999-12-31"),
    ("acordos em vigor desde março de 2024 Índia", "party=IN step=in_force since=2024-03-01"),
    # Who has none: those that do, and a link to the count of all
    ("Which EU member states have no readmission agreement with Senegal",
     "party=SN topic=readmission_returns group=eu-members"),
    ("which countries have no agreement with Nigeria", "party=NG"),
    ("EU members that have NOT signed any labour agreement with Senegal, Gambia or Nigeria",
     "any_party=SN any_party=GM any_party=NG topic=labour_mobility group=eu-members"),
    ("quels États de l'UE n'ont pas d'accord avec le Nigeria", "party=NG group=eu-members"),
    ("qué países de la UE no tienen acuerdo con Nigeria", "party=NG group=eu-members"),
    ("welche EU-Staaten haben kein Abkommen mit Nigeria", "party=NG group=eu-members"),
    ("quali paesi dell'UE non hanno accordi con la Nigeria", "party=NG group=eu-members"),
    ("que países da UE não têm acordo com a Nigéria", "party=NG group=eu-members"),
    ("دول الاتحاد الأوروبي التي ليس لديها اتفاق مع نيجيريا", "party=NG group=eu-members"),
    ("Which agreements of Italy have no text", "party=IT text=missing"),
    # Views
    ("compare Italy and Germany", "any_party=IT any_party=DE"),
    ("Italy vs Germany", "any_party=IT any_party=DE"),
    ("comparer l'Italie et l'Allemagne", "any_party=IT any_party=DE"),
    ("vergleiche Italien und Deutschland", "any_party=IT any_party=DE"),
    ("مقارنة إيطاليا وألمانيا", "any_party=IT any_party=DE"),
    ("labour mobility versus readmission per year",
     "topic=labour_mobility topic=readmission_returns"),
    ("how long from talks to signature", ""),
    ("combien de temps entre la signature et l'entrée en vigueur", ""),
    ("wie lange dauert es von der Unterzeichnung bis zum Inkrafttreten", ""),
    ("how long from talks to signature with Tunisia", "party=TN"),
    ("what changed in the last 30 days", "since=2026-03-01 by=learnt"),
    ("added this week", "since=2026-03-30 until=2026-04-05 by=learnt"),
    ("what is new since Monday", "since=2026-03-30 by=learnt"),
    ("quoi de neuf depuis lundi", "since=2026-03-30 by=learnt"),
    ("Spain Latin America", "party=ES group=latin-america"),
    ("España América Latina", "party=ES group=latin-america"),
    ("Espagne Amérique latine", "party=ES group=latin-america"),
    ("Spanien Lateinamerika", "party=ES group=latin-america"),
    ("Espanha América Latina", "party=ES group=latin-america"),
    ("Spagna America Latina", "party=ES group=latin-america"),
    ("إسبانيا أمريكا اللاتينية", "party=ES group=latin-america"),
    ("Third-country processing deals: which were cancelled or suspended?",
     "topic=asylum_protection step=terminated step=suspended"),
    # One source
    ("Italy single source", "party=IT basis=single basis=doubtful"),
    ("which agreements rest on one source only", "basis=single basis=doubtful"),
    ("accords d'une seule source", "basis=single basis=doubtful"),
    ("acuerdos de una sola fuente", "basis=single basis=doubtful"),
    ("Abkommen mit nur einer Quelle", "basis=single basis=doubtful"),
    ("accordi con una sola fonte", "basis=single basis=doubtful"),
    ("acordos com uma única fonte", "basis=single basis=doubtful"),
    ("اتفاقيات مصدر واحد", "basis=single basis=doubtful"),
    ("visa waiver Kenya", "party=KE topic=visa"),
    ("what is up for renewal within six months", "since=2026-03-31 until=2026-09-30 by=expires"),
    ("اتفاقات بشأن الهجرة مع مصر", "party=EG"),
    # One state, and at least one of several
    ("Germany with Kenya or India", "party=DE any_party=KE any_party=IN"),
    ("Kenya or India", "any_party=KE any_party=IN"),
    ("Germany or France with Mali or Niger",
     "corridor=DE-ML corridor=DE-NE corridor=FR-ML corridor=FR-NE"),
    ("agreements that Kenya, India or Nepal have", "any_party=KE any_party=IN any_party=NP"),
    ("Welche Migrationsabkommen hat Deutschland mit Usbekistan, Kenia oder Indien geschlossen?",
     "party=DE any_party=UZ any_party=KE any_party=IN"),
    ("Accords de l'Italie avec la Tunisie ou la Libye",
     "party=IT any_party=TN any_party=LY"),
    ("acuerdos de España con Marruecos, Senegal o Mauritania",
     "party=ES any_party=MA any_party=SN any_party=MR"),
    ("accordi dell'Italia con la Tunisia o la Libia", "party=IT any_party=TN any_party=LY"),
    ("acordos de Portugal com Angola ou Marrocos", "party=PT any_party=AO any_party=MA"),
    ("اتفاقيات ألمانيا مع كينيا أو الهند", "party=DE any_party=KE any_party=IN"),
)  # fmt: skip


class _Clock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2026, 3, 31, 23, 30, tzinfo=tz)


@pytest.mark.parametrize(("typed", "parameters"), QUESTIONS)
def test_a_question_that_nobody_rehearsed_is_read_as_filters(
    monkeypatch: pytest.MonkeyPatch, typed: str, parameters: str
) -> None:
    monkeypatch.setattr("scheduler.configuration.search_days.datetime", _Clock)
    read = read_query([("q", typed)]).parameters
    assert " ".join(f"{name}={value}" for name, value in read) == parameters


@pytest.mark.parametrize(
    "headline",
    [
        "Two years after the deal, boats still leave Libya",
        "Last five migrants leave the Italian centre in Albania",
        "Latest boat tragedy off Tunisia kills 12",
        "In Arabic, the minister thanked Italy",
        "Italy maps its readmission centres in Albania",
        "Ministers announced a deal in 2023, nobody signed it",
        "Reviewed rules for workers in Kuwait",
        "No new visas for workers of Nepal",
        "First half of Libya fund spent",
        "Après deux ans, la Tunisie attend encore",
        "Seit zwei Jahren wartet Kenia auf Visa aus Deutschland",
        "Dopo cinque anni l'Albania ringrazia",
        "بعد خمس سنوات تونس تنتظر",
        "Nach dem Abkommen reisen Kenianer ohne Visum",
    ],
)
def test_a_headline_that_says_more_than_filters_stays_words(headline: str) -> None:
    assert read_query([("q", headline)]).parameters == [("q", headline)]


def test_few_headlines_of_the_corpus_are_nothing_but_filters() -> None:
    files = sorted((Path(__file__).parents[2] / "eval" / "articles").rglob("*.jsonl"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    articles = [json.loads(line) for line in lines if not is_held(line)]
    titles = {article["title"] for article in articles if article.get("title")}
    read = {title for title in titles if read_query([("q", title)]).query != title}
    assert len(titles) > 300
    assert len(read) / len(titles) < 0.02, sorted(read)


def test_without_a_visa_is_about_visas_rather_than_an_exclusion() -> None:
    for typed in ("Morocco without visa", "Maroc sans visa", "Marokko ohne Visum"):
        assert read_query([("q", typed)]).parameters == [("party", "MA"), ("topic", "visa")]


@pytest.mark.parametrize(
    ("typed", "view"),
    [
        ("how many agreements with Libya", ("count", None)),
        ("agreements of Italy by year", ("count", "year")),
        ("combien d'accords par pays", ("count", "party")),
        ("map of Libya", ("map", None)),
        ("cronología Marruecos España", ("timeline", None)),
        ("كم عدد الاتفاقيات مع ليبيا حسب السنة", ("count", "year")),
        ("which countries have no agreement with Nigeria", ("none", None)),
        ("Italy versus Germany", ("compare", None)),
        ("labour mobility versus readmission per year", ("compare", "year")),
        ("how long from talks to signature", ("durations", "negotiating-signed")),
        ("days from signature to entry into force", ("durations", "signed-in_force")),
        ("cuánto tiempo entre la firma y la entrada en vigor", ("durations", "signed-in_force")),
        ("what is new since Monday", ("changes", None)),
        ("agreements with Libya", ("", None)),
    ],
)
def test_what_a_question_asks_to_see_is_known(typed: str, view: tuple[str, str | None]) -> None:
    assert view_meant(typed) == view


@pytest.mark.parametrize(
    "pairs",
    [
        [("q", "Italy not reviewed"), ("reviewed", "yes")],
        [("q", "last 5 years Italy"), ("since", "2024-01-01")],
        [("q", "Italy last 5 years 2019")],
        [("q", "upcoming Italy"), ("by", "learnt")],
        [("q", "Italy signed within six months")],
    ],
)
def test_words_never_replace_what_was_chosen_or_said_otherwise(
    pairs: list[tuple[str, str]],
) -> None:
    assert read_query(pairs).query == pairs[0][1]
