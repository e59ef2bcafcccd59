"""Who contracts: enumerations, counts, groups, bodies, partners, and those who are only named."""

from __future__ import annotations

from functools import cache

import pytest

from crawler.judgement.card.mentions import load_tables
from crawler.judgement.card.parties.parties import (
    Parties,
    are_partners,
    find_parties,
    outlet_country,
)
from crawler.judgement.card.parties.party_mentions import find_setting
from crawler.judgement.judge import judge, load_rules, rule_files
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import read
from storage.records import Document
from tests.crawler.judgement.behaviours import rows_of
from tests.crawler.judgement.lexicon import load_lexicon


@cache
def lexicon() -> Lexicon:
    return load_lexicon(rule_files().data)


def parties(language: str, title: str, text: str, outlet_country: str | None = None) -> Parties:
    reading = read(title, text, language, lexicon())
    return find_parties(
        reading, find_setting(reading), load_tables(), outlet_country=outlet_country
    )


RETURNS = "Retour des Tchadiens du Soudan : le gouvernement et l'OIM signent"
RETURNED = "La ministre et l'Organisation internationale pour les migrations ont signé mardi un mémorandum pour la prise en charge des Tchadiens rentrés du Soudan. Les Tchadiens y vivaient depuis avril."
CONTRACT: dict[str, list[tuple[str, ...]]] = {
    "two states are the parties": [
        ("NE NG", "en", "Nigeria and Niger sign border pact", "The neighbours signed a memorandum in Abuja."),
        ("NE NG", "fr", "Accord entre Abuja et Niamey", "Les ministres nigérian et nigérien ont signé lundi."),
        ("IT NE", "de", "Rom und Niamey einigen sich",
         "Italien und die nigrische Regierung unterzeichneten ein Abkommen."),
        ("EG JO", "ar", "الأردن ومصر يوقعان مذكرة", "وقع الوزيران في عمان مذكرة تفاهم بشأن العمالة المصرية."),
        ("IN OM", "ar", "مسقط ونيودلهي توقعان مذكرة", "وقعت سلطنة عمان والهند مذكرة تفاهم لاستقدام العمال."),
        ("KR VN", "es", "Seúl y Hanói firman convenio laboral", "Corea del Sur y Vietnam firmaron el convenio."),
        ("GW PT", "pt", "Lisboa e Bissau assinam acordo", "Portugal e Guiné-Bissau assinaram o acordo de mobilidade."),
        ("LY MT", "it", "La Valletta e Tripoli, intesa sui migranti", "Malta e Libia hanno firmato un memorandum."),
    ],
    "an enumeration or a count gives all parties": [
        ("LY NE SD TD", "en", "Four neighbours sign border protocol",
         "Chad, Libya, Niger and Sudan signed a protocol in N'Djamena."),
        ("LY NE SD TD", "ar", "بروتوكول لضبط الحدود", "وقع السودان وتشاد والنيجر وليبيا بروتوكولا في نجامينا."),
        ("AT HU RS", "de", "Memorandum gegen Schlepper",
         "Österreich, Ungarn und Serbien unterzeichneten ein Memorandum."),
        ("AO CD UNHCR", "pt", "Regresso de refugiados",
         "Angola, a República Democrática do Congo e o ACNUR assinaram um acordo."),
        ("KE SO UNHCR", "en", "Tripartite deal on returns",
         "Kenya and Somalia signed the tripartite agreement with the UN refugee agency."),
        ("AR BR PY", "es", "Declaración en la Triple Frontera",
         "Las ministras de Paraguay y de Brasil y el secretario argentino firmaron la declaración."),
    ],
    "two behind with are both partners of the third": [
        ("FJ NO TO", "en", "Norwegian plan to bring in nurses raises questions",
         "Norway struck a deal with Fiji, Tonga."),
    ],
    "two behind with are none beside the two that are the news": [
        ("NO WS", "en", "Norway and Samoa sign labour pact", "Norway already has an agreement with Fiji and Tonga."),
    ],
    "a group stands for its members beside its partner": [
        ("GT HN SV US", "es", "EE.UU. firma con el Triángulo Norte",
         "Estados Unidos y el Triángulo Norte firmaron un acuerdo."),
    ],
    "a group is only the frame of a deal between two members": [
        ("AO PT", "pt", "Portugal e Angola assinam acordo",
         "Portugal e Angola assinaram um acordo no quadro da CPLP. Luanda e Lisboa querem mais vistos."),
    ],
    "bodies are parties where they sign": [
        ("IOM TD", "fr", "L'OIM et le Tchad signent un protocole",
         "L'Organisation internationale pour les migrations et N'Djamena."),
        ("MA NE", "fr", "Maroc-Niger: déclaration contre la traite",
         "Le Maroc et le Niger ont signé une déclaration. Les ateliers avec l'ONUDC et l'Union européenne suivront."),
        ("EU TN", "en", "Tunisia and EU sign memorandum",
         "The European Union and Tunisia signed a memorandum. The leaders of Italy and the Netherlands came along."),
        ("FRONTEX MA", "en", "Frontex signs working arrangement with Rabat", "The EU agency and Morocco signed it."),
        ("EU RS", "en", "EU and Serbia sign Frontex agreement", "The agreement lets Frontex deploy in Serbia."),
        ("EU RS", "en", "Serbia signs up to Frontex",
         "Serbia put its name to a status agreement with Frontex on Friday."),
        ("BE MA", "fr", "La Belgique signe un accord de réadmission",
         "C'est le troisième pays, après la France et l'Italie, à en signer un avec Rabat."),
        ("CH IT", "de", "Italien nimmt keine Dublin-Fälle mehr",
         "Die Schweiz will mit Italien reden. Es geht um das Dublin-System."),
        ("AM EU", "en", "Armenia signs readmission agreement with EU",
         "Armenia's ambassador and the Irish presidency signed an agreement in Brussels."),
        ("KW PH", "en", "Kuwait, PH sign labor agreement",
         "Sheikh Sabah Khalid Al-Sabah signed it in the capital on Friday."),
        ("AUC RW UNHCR", "en", "Rwanda, AU, UN agency ink agreement",
         "Kigali, the African Union and UNHCR signed a memorandum."),
    ],
    "who is only named is no party": [
        ("IL LK", "en", "Israel and Sri Lanka sign labor agreement",
         "Jerusalem and Colombo signed the agreement, similar to the deals with India and Thailand."),
        ("ES MA", "fr", "Rabat et Madrid scellent un mémorandum",
         "L'Espagne et le Maroc ont signé un mémorandum sur les migrants maliens et les réfugiés sénégalais."),
        ("EU TR", "fr", "Un Syrien contre un Syrien : l'UE et Ankara signent",
         "Pour chaque Syrien repris par la Turquie, les Européens prendront un Syrien. L'UE a signé."),
        ("AM EU", "en", "Readmission accord with Yerevan",
         "The European Union and Armenia signed the accord under the Irish EU Presidency."),
        ("KE QA", "ar", "اتفاقية عمالة بين نيروبي والدوحة",
         "وقعت كينيا وقطر اتفاقية. والعقد باللغتين العربية والانجليزية والفرنسية."),
        ("PH SA", "en", "Manila and Riyadh agree on domestic workers",
         "GENEVA (AP) - The Philippines and Saudi Arabia signed an agreement on Tuesday."),
    ],
    "an alliance that meets at a member's is its members": [
        ("BF ML NE", "fr", "AES : protocole sur la libre circulation signé à Bamako",
         "Les trois dirigeants de l'AES ont signé mardi à Bamako un protocole. Le Mali préside."),
    ],
    "who joins or leaves the global compact deals with the united nations": [
        ("BR UN", "en", "Brazil pulls out of global migration pact",
         "Brazil has left the Global Compact for Safe, Orderly and Regular Migration, which the United States and Hungary had opposed."),
        ("BR UN", "pt", "Brasil revoga adesão ao Pacto Global para Migração",
         "O presidente, que esteve com o secretário de Estado dos Estados Unidos, confirmou a revogação da adesão do Brasil."),
        ("BR UN", "de", "Brasilien verlässt den Globalen Migrationspakt",
         "Auch die Vereinigten Staaten und Ungarn lehnen den Pakt ab."),
    ],
    "who came first is no party however far behind": [
        ("CR US", "es", "Costa Rica acepta deportados",
         "Costa Rica es desde hoy el tercer país del istmo que ayuda a repatriar en vuelos a migrantes de otras nacionalidades, después de Panamá y Guatemala. Estados Unidos lo paga."),
    ],
    "who is present or named in passing is no party": [
        ("IN TW", "en", "Taiwan and India sign memorandum on migrant workers amid China tensions",
         "Taiwan and India signed the memorandum by video on Friday, as both have tense relations with China. China said it opposed any official contact with Taiwan."),
        ("AL IT", "en", "Albania and Italy sign migrant protocol, with Germany watching",
         "Albania and Italy signed a protocol on migrants in Tirana on Friday. Germany, whose minister was present, welcomed it. Germany wants to copy it. Germany sent observers."),
        ("IN TW", "fr", "Taïwan et l'Inde signent un mémorandum sur fond de tensions avec la Chine",
         "Taïwan et l'Inde ont signé vendredi un mémorandum sur les travailleurs migrants, alors que les deux ont des relations tendues avec la Chine. La Chine a dit s'opposer à tout contact officiel avec Taïwan."),
        ("IN TW", "es", "Taiwán e India firman un memorando en plena tensión con China",
         "Taiwán e India firmaron el viernes un memorando sobre trabajadores migrantes, mientras ambos tienen relaciones tensas con China. China dijo que se opone a todo contacto oficial con Taiwán."),
        ("IN TW", "de", "Taiwan und Indien unterzeichnen Memorandum trotz Spannungen mit China",
         "Taiwan und Indien haben am Freitag ein Memorandum über Arbeitsmigranten unterzeichnet. Beide haben ein gespanntes Verhältnis zu China. China erklärte, es lehne jeden offiziellen Kontakt mit Taiwan ab."),
    ],
    "a national outlet reports on its own state": [
        ("IOM TD", "fr", RETURNS, RETURNED, "TD"),
        ("IOM SD", "fr", RETURNS, RETURNED),
    ],
    "the union stands for the state of an outlet of its members": [
        ("CV EU", "pt", "Cabo Verde e UE assinam acordo de vistos",
         "Cabo Verde e a União Europeia assinaram um acordo. Portugal apoia o acordo de Portugal.", "PT"),
    ],
    "our country is the country of the outlet": [
        ("EC PE", "es", "El acuerdo con Quito", "Ecuador y nuestro país firmaron un acuerdo de residencia.", "PE"),
        ("EC", "es", "El acuerdo con Quito", "Ecuador y nuestro país firmaron un acuerdo de residencia."),
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", rows_of(CONTRACT))
def test_who_contracts_is_found_among_who_is_named(row: tuple[str, ...]) -> None:
    codes, *article = row
    assert set(parties(*article).codes) == set(codes.split())


def test_runners_up_keep_their_scores_best_first() -> None:
    found = parties("en", "Kenya and Qatar sign pact", "Nairobi and Doha signed. Uganda watched.")
    assert [code for code, _ in found.scores] == ["KE", "QA", "UG"]
    assert found.scores[0][1] >= found.scores[1][1] > found.scores[2][1] > 0


def test_each_party_has_its_evidence_in_the_original_characters() -> None:
    text = "Le Maroc et l’Égypte ont signé un accord."
    found = parties("fr", "", text)
    assert [evidence.concept for evidence in found.evidence] == ["state.EG", "state.MA"]
    assert all(text[evidence.start : evidence.end] == evidence.text for evidence in found.evidence)


def test_a_text_that_names_nobody_has_no_parties() -> None:
    assert parties("en", "Talks went well", "Nothing was signed.") == Parties()


@pytest.mark.parametrize(
    ("outlet", "url", "country"),
    [
        (None, "https://www.example.ma/news/1", "MA"),
        ("example.co.uk", None, "GB"),
        ("Daily Example", "https://example.com/a.fr", None),
        ("example.io", None, None),
        ("example.pt", "https://example.com/", "PT"),
        ("A. Nom", None, None),
        (None, "http://[broken", None),
        (None, None, None),
    ],
)
def test_the_country_of_a_host(outlet: str | None, url: str | None, country: str | None) -> None:
    assert outlet_country(outlet, url) == country


def test_our_country_is_that_of_the_outlet() -> None:
    text = (
        "O nosso país e Angola assinaram na segunda-feira um acordo de readmissão de "
        "migrantes em situação irregular. "
        "O acordo prevê o repatriamento dos cidadãos angolanos."
    )
    document = Document(
        "Acordo de readmissão com Angola assinado", text, "pt", url="https://example.pt/1"
    )
    assert judge(document, load_rules()).card.parties == ("AO", "PT")


_UNION = frozenset(("IE", "AT"))


@pytest.mark.parametrize(
    "parties", [("FJ", "TO"), ("EU", "TN"), ("AT", "IE"), ("EU", "IE", "TN"), ("IOM", "NE")]
)
def test_two_who_can_commit_themselves_to_each_other(parties: tuple[str, ...]) -> None:
    assert are_partners(parties, _UNION)


@pytest.mark.parametrize("parties", [(), ("AT",), ("EU",), ("EU", "IE"), ("AT", "EU", "IE")])
def test_one_alone_and_the_union_with_its_members_are_no_partners(
    parties: tuple[str, ...],
) -> None:
    assert not are_partners(parties, _UNION)
