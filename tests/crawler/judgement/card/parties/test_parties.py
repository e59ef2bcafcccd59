"""Who contracts: enumerations, counts, groups, bodies, and those who are only named."""

from __future__ import annotations

from functools import cache

import pytest

from crawler.judgement.card.parties.parties import Parties, find_parties
from crawler.judgement.card.parties.party_mentions import find_setting
from crawler.judgement.card.records import load_tables
from crawler.judgement.judge import rule_files
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import read
from tests.crawler.judgement.lexicon import load_lexicon


@cache
def lexicon() -> Lexicon:
    return load_lexicon(rule_files().data)


def parties(language: str, title: str, text: str, outlet_country: str | None = None) -> Parties:
    reading = read(title, text, language, lexicon())
    return find_parties(
        reading, find_setting(reading), load_tables(), outlet_country=outlet_country
    )


def codes(language: str, title: str, text: str) -> set[str]:
    return set(parties(language, title, text).codes)


@pytest.mark.parametrize(
    ("language", "title", "text", "expected"),
    [
        (
            "en",
            "Nigeria and Niger sign border pact",
            "The neighbours signed a memorandum in Abuja.",
            {"NG", "NE"},
        ),
        (
            "fr",
            "Accord entre Abuja et Niamey",
            "Les ministres nigérian et nigérien ont signé lundi.",
            {"NG", "NE"},
        ),
        (
            "de",
            "Rom und Niamey einigen sich",
            "Italien und die nigrische Regierung unterzeichneten ein Abkommen.",
            {"IT", "NE"},
        ),
        (
            "ar",
            "الأردن ومصر يوقعان مذكرة",
            "وقع الوزيران في عمان مذكرة تفاهم بشأن العمالة المصرية.",
            {"JO", "EG"},
        ),
        (
            "ar",
            "مسقط ونيودلهي توقعان مذكرة",
            "وقعت سلطنة عمان والهند مذكرة تفاهم لاستقدام العمال.",
            {"OM", "IN"},
        ),
        (
            "es",
            "Seúl y Hanói firman convenio laboral",
            "Corea del Sur y Vietnam firmaron el convenio.",
            {"KR", "VN"},
        ),
        (
            "pt",
            "Lisboa e Bissau assinam acordo",
            "Portugal e Guiné-Bissau assinaram o acordo de mobilidade.",
            {"PT", "GW"},
        ),
        (
            "it",
            "La Valletta e Tripoli, intesa sui migranti",
            "Malta e Libia hanno firmato un memorandum.",
            {"MT", "LY"},
        ),
    ],
)
def test_two_states_are_the_parties(
    language: str, title: str, text: str, expected: set[str]
) -> None:
    assert codes(language, title, text) == expected


@pytest.mark.parametrize(
    ("language", "title", "text", "expected"),
    [
        (
            "en",
            "Four neighbours sign border protocol",
            "Chad, Libya, Niger and Sudan signed a protocol in N'Djamena.",
            {"TD", "LY", "NE", "SD"},
        ),
        (
            "ar",
            "بروتوكول لضبط الحدود",
            "وقع السودان وتشاد والنيجر وليبيا بروتوكولا في نجامينا.",
            {"TD", "LY", "NE", "SD"},
        ),
        (
            "de",
            "Memorandum gegen Schlepper",
            "Österreich, Ungarn und Serbien unterzeichneten ein Memorandum.",
            {"AT", "HU", "RS"},
        ),
        (
            "pt",
            "Regresso de refugiados",
            "Angola, a República Democrática do Congo e o ACNUR assinaram um acordo.",
            {"AO", "CD", "UNHCR"},
        ),
        (
            "en",
            "Tripartite deal on returns",
            "Kenya and Somalia signed the tripartite agreement with the UN refugee agency.",
            {"KE", "SO", "UNHCR"},
        ),
        (
            "es",
            "Declaración en la Triple Frontera",
            (
                "Las ministras de Paraguay y de Brasil y el secretario argentino firmaron la "
                "declaración."
            ),
            {"PY", "BR", "AR"},
        ),
    ],
)
def test_an_enumeration_or_a_count_gives_all_parties(
    language: str, title: str, text: str, expected: set[str]
) -> None:
    assert codes(language, title, text) == expected


def test_two_behind_with_are_both_partners_of_the_third() -> None:
    title = "Norwegian plan to bring in nurses raises questions"
    assert codes("en", title, "Norway struck a deal with Fiji, Tonga.") == {"NO", "FJ", "TO"}


def test_two_behind_with_are_none_beside_the_two_that_are_the_news() -> None:
    title = "Norway and Samoa sign labour pact"
    text = "Norway already has an agreement with Fiji and Tonga."
    assert codes("en", title, text) == {"NO", "WS"}


def test_a_group_stands_for_its_members_beside_its_partner() -> None:
    found = codes(
        "es",
        "EE.UU. firma con el Triángulo Norte",
        "Estados Unidos y el Triángulo Norte firmaron un acuerdo.",
    )
    assert found == {"US", "GT", "HN", "SV"}


def test_a_group_is_only_the_frame_of_a_deal_between_two_members() -> None:
    text = (
        "Portugal e Angola assinaram um acordo no quadro da CPLP. Luanda e Lisboa "
        "querem mais vistos."
    )
    assert codes("pt", "Portugal e Angola assinam acordo", text) == {"PT", "AO"}


@pytest.mark.parametrize(
    ("language", "title", "text", "expected"),
    [
        (
            "fr",
            "L'OIM et le Tchad signent un protocole",
            "L'Organisation internationale pour les migrations et N'Djamena.",
            {"IOM", "TD"},
        ),
        (
            "fr",
            "Maroc-Niger: déclaration contre la traite",
            (
                "Le Maroc et le Niger ont signé une déclaration. Les ateliers avec l'ONUDC et "
                "l'Union européenne suivront."
            ),
            {"MA", "NE"},
        ),
        (
            "en",
            "Tunisia and EU sign memorandum",
            (
                "The European Union and Tunisia signed a memorandum. The leaders of Italy and "
                "the Netherlands came along."
            ),
            {"EU", "TN"},
        ),
        (
            "en",
            "Frontex signs working arrangement with Rabat",
            "The EU agency and Morocco signed it.",
            {"FRONTEX", "MA"},
        ),
        (
            "en",
            "EU and Serbia sign Frontex agreement",
            "The agreement lets Frontex deploy in Serbia.",
            {"EU", "RS"},
        ),
        (
            "en",
            "Serbia signs up to Frontex",
            "Serbia put its name to a status agreement with Frontex on Friday.",
            {"EU", "RS"},
        ),
        (
            "fr",
            "La Belgique signe un accord de réadmission",
            "C'est le troisième pays, après la France et l'Italie, à en signer un avec Rabat.",
            {"BE", "MA"},
        ),
        (
            "de",
            "Italien nimmt keine Dublin-Fälle mehr",
            "Die Schweiz will mit Italien reden. Es geht um das Dublin-System.",
            {"CH", "IT"},
        ),
        (
            "en",
            "Armenia signs readmission agreement with EU",
            "Armenia's ambassador and the Irish presidency signed an agreement in Brussels.",
            {"AM", "EU"},
        ),
        (
            "en",
            "Kuwait, PH sign labor agreement",
            "Sheikh Sabah Khalid Al-Sabah signed it in the capital on Friday.",
            {"KW", "PH"},
        ),
        (
            "en",
            "Rwanda, AU, UN agency ink agreement",
            "Kigali, the African Union and UNHCR signed a memorandum.",
            {"RW", "AUC", "UNHCR"},
        ),
    ],
)
def test_bodies_are_parties_where_they_sign(
    language: str, title: str, text: str, expected: set[str]
) -> None:
    assert codes(language, title, text) == expected


@pytest.mark.parametrize(
    ("language", "title", "text", "expected"),
    [
        (
            "en",
            "Israel and Sri Lanka sign labor agreement",
            (
                "Jerusalem and Colombo signed the agreement, similar to the deals with India "
                "and Thailand."
            ),
            {"IL", "LK"},
        ),
        (
            "fr",
            "Rabat et Madrid scellent un mémorandum",
            (
                "L'Espagne et le Maroc ont signé un mémorandum sur les migrants maliens et les "
                "réfugiés sénégalais."
            ),
            {"MA", "ES"},
        ),
        (
            "fr",
            "Un Syrien contre un Syrien : l'UE et Ankara signent",
            (
                "Pour chaque Syrien repris par la Turquie, les Européens prendront un Syrien. "
                "L'UE a signé."
            ),
            {"EU", "TR"},
        ),
        (
            "en",
            "Readmission accord with Yerevan",
            "The European Union and Armenia signed the accord under the Irish EU Presidency.",
            {"EU", "AM"},
        ),
        (
            "ar",
            "اتفاقية عمالة بين نيروبي والدوحة",
            "وقعت كينيا وقطر اتفاقية. والعقد باللغتين العربية والانجليزية والفرنسية.",
            {"KE", "QA"},
        ),
        (
            "en",
            "Manila and Riyadh agree on domestic workers",
            "GENEVA (AP) - The Philippines and Saudi Arabia signed an agreement on Tuesday.",
            {"PH", "SA"},
        ),
    ],
)
def test_who_is_only_named_is_no_party(
    language: str, title: str, text: str, expected: set[str]
) -> None:
    assert codes(language, title, text) == expected


def test_our_country_is_the_country_of_the_outlet() -> None:
    title, text = (
        "El acuerdo con Quito",
        "Ecuador y nuestro país firmaron un acuerdo de residencia.",
    )
    assert parties("es", title, text, outlet_country="PE").codes == ("EC", "PE")
    assert parties("es", title, text).codes == ("EC",)


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


def test_an_alliance_that_meets_at_a_member_s_is_its_members() -> None:
    title = "AES : protocole sur la libre circulation signé à Bamako"
    text = "Les trois dirigeants de l'AES ont signé mardi à Bamako un protocole. Le Mali préside."
    assert codes("fr", title, text) == {"BF", "ML", "NE"}


@pytest.mark.parametrize(("home", "expected"), [("TD", {"IOM", "TD"}), (None, {"IOM", "SD"})])
def test_a_national_outlet_reports_on_its_own_state(home: str | None, expected: set[str]) -> None:
    title = "Retour des Tchadiens du Soudan : le gouvernement et l'OIM signent"
    text = (
        "La ministre et l'Organisation internationale pour les migrations ont signé mardi un"
        " mémorandum pour la prise en charge des Tchadiens rentrés du Soudan. Les Tchadiens y"
        " vivaient depuis avril."
    )
    assert set(parties("fr", title, text, home).codes) == expected


def test_the_union_stands_for_the_state_of_an_outlet_of_its_members() -> None:
    title = "Cabo Verde e UE assinam acordo de vistos"
    text = "Cabo Verde e a União Europeia assinaram um acordo. Portugal apoia o acordo de Portugal."
    assert set(parties("pt", title, text, "PT").codes) == {"CV", "EU"}


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        (
            "en",
            "Brazil pulls out of global migration pact",
            "Brazil has left the Global Compact for Safe, Orderly and Regular Migration, which "
            "the United States and Hungary had opposed.",
        ),
        (
            "pt",
            "Brasil revoga adesão ao Pacto Global para Migração",
            "O presidente, que esteve com o secretário de Estado dos Estados Unidos, confirmou a "
            "revogação da adesão do Brasil.",
        ),
        (
            "de",
            "Brasilien verlässt den Globalen Migrationspakt",
            "Auch die Vereinigten Staaten und Ungarn lehnen den Pakt ab.",
        ),
    ],
)
def test_who_joins_or_leaves_the_global_compact_deals_with_the_united_nations(
    language: str, title: str, text: str
) -> None:
    assert codes(language, title, text) == {"BR", "UN"}


def test_who_came_first_is_no_party_however_far_behind() -> None:
    text = (
        "Costa Rica es desde hoy el tercer país del istmo que ayuda a repatriar en vuelos a "
        "migrantes de otras nacionalidades, después de Panamá y Guatemala. Estados Unidos lo paga."
    )
    assert codes("es", "Costa Rica acepta deportados", text) == {"CR", "US"}


@pytest.mark.parametrize(
    ("language", "title", "text", "expected"),
    [
        (
            "en",
            "Taiwan and India sign memorandum on migrant workers amid China tensions",
            "Taiwan and India signed the memorandum by video on Friday, as both have tense "
            "relations with China. China said it opposed any official contact with Taiwan.",
            {"TW", "IN"},
        ),
        (
            "en",
            "Albania and Italy sign migrant protocol, with Germany watching",
            "Albania and Italy signed a protocol on migrants in Tirana on Friday. Germany, whose "
            "minister was present, welcomed it. Germany wants to copy it. Germany sent observers.",
            {"AL", "IT"},
        ),
        (
            "fr",
            "Taïwan et l'Inde signent un mémorandum sur fond de tensions avec la Chine",
            "Taïwan et l'Inde ont signé vendredi un mémorandum sur les travailleurs migrants, "
            "alors que les deux ont des relations tendues avec la Chine. La Chine a dit "
            "s'opposer à tout contact officiel avec Taïwan.",
            {"TW", "IN"},
        ),
        (
            "es",
            "Taiwán e India firman un memorando en plena tensión con China",
            "Taiwán e India firmaron el viernes un memorando sobre trabajadores migrantes, "
            "mientras ambos tienen relaciones tensas con China. China dijo que se opone a todo "
            "contacto oficial con Taiwán.",
            {"TW", "IN"},
        ),
        (
            "de",
            "Taiwan und Indien unterzeichnen Memorandum trotz Spannungen mit China",
            "Taiwan und Indien haben am Freitag ein Memorandum über Arbeitsmigranten "
            "unterzeichnet. Beide haben ein gespanntes Verhältnis zu China. China erklärte, es "
            "lehne jeden offiziellen Kontakt mit Taiwan ab.",
            {"TW", "IN"},
        ),
    ],
)
def test_who_is_present_or_named_in_passing_is_no_party(
    language: str, title: str, text: str, expected: set[str]
) -> None:
    assert codes(language, title, text) == expected
