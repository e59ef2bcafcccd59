"""The status of the card: the furthest step that a text reports as done or under way."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.status import FoundStatus, find_status
from crawler.judgement.judge import rule_files
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import Reading, read
from storage.records import Status
from tests.crawler.judgement.lexicon import load_lexicon
from tests.growth import calls_of

_PUBLISHED = date(2023, 5, 12)  # a Friday


@cache
def _lexicon() -> Lexicon:
    return load_lexicon(path for path in rule_files().data if path.parent.name != "gazetteer")


def _step(text: str, language: str, title: str = "") -> FoundStatus:
    reading = read(title, text, language, _lexicon())
    return find_status(reading, find_clauses(reading, _PUBLISHED))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Les deux ministres ont signé jeudi un accord sur les travailleurs saisonniers."),
        ("fr", "Oslo et Dakar ont apposé leur signature au bas d'un protocole de réadmission."),
        ("en", "Fiji and Nauru put pen to paper on a labour memorandum on Thursday."),
        ("en", "The two ministers initialled the readmission agreement in Baku."),
        ("ar", "وقع وزيرا العمل أمس مذكرة تفاهم لاستقدام العمال"),
        ("ar", "وضع الوزيران توقيعهما على اتفاقية العمالة"),
        ("es", "Los cancilleres estamparon su firma en un convenio de retorno."),
        ("it", "I due governi hanno messo nero su bianco l'intesa sui rimpatri."),
        ("pt", "Os ministros rubricaram um memorando sobre mão-de-obra."),
        ("de", "Beide Minister setzten ihre Unterschrift unter das Rückführungsabkommen."),
        ("de", "Oslo und Accra besiegelten am Donnerstag ein Migrationsabkommen."),
    ],
)
def test_usual_and_unusual_ways_to_sign(language: str, text: str) -> None:
    assert _step(text, language).status is Status.SIGNED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le mémorandum sera signé lundi prochain à Lomé, a annoncé le ministère."),
        ("en", "The labour agreement will be signed on Monday in Lomé, the ministry said."),
        ("ar", "سيوقع الوزيران مذكرة العمالة يوم الاثنين المقبل"),
        ("ar", "ستختتم الزيارة بالتوقيع على مذكرة العمالة، كما أعلن السفير الثلاثاء"),
        ("es", "El lunes se va a firmar el memorando sobre temporeros."),
        ("it", "L'accordo sarà firmato lunedì nella capitale."),
        ("pt", "O acordo vai ser assinado na segunda-feira em Praia."),
        ("de", "Das Abkommen soll am Montag unterzeichnet werden."),
    ],
)
def test_signature_on_a_set_day_is_concluded(language: str, text: str) -> None:
    assert _step(text, language).status is Status.CONCLUDED


def test_an_open_ended_deal_has_not_ended() -> None:
    text = "Oslo signed an open-ended agreement with Accra on seasonal workers."
    assert _step(text, "en").status is Status.SIGNED
    assert (
        _step("Oslo pays for an open-ended deal with Accra.", "en").status is not Status.TERMINATED
    )


VISITS = {
    "en": ("The visit {} with the signing of a labour agreement.", "will end", "ended"),
    "fr": ("La visite {} par la signature d'un accord.", "s'achèvera", "s'est achevée"),
    "es": ("La visita {} con la firma de un acuerdo.", "concluirá", "concluyó"),
    "it": ("La visita {} con la firma di un accordo.", "si concluderà", "si è conclusa"),
    "pt": ("A visita {} com a assinatura de um acordo.", "terminará", "terminou"),
    "de": ("Der Besuch {} mit der Unterzeichnung eines Abkommens{}.", "wird", "endete"),
    "ar": ("{} الزيارة بالتوقيع على اتفاق.", "ستختتم", "اختتمت"),
}


@pytest.mark.parametrize("language", VISITS)
def test_a_visit_that_will_end_with_a_signature_has_brought_none_yet(language: str) -> None:
    form, ahead, done = VISITS[language]
    coming = _step(form.format(ahead, " enden"), language).status
    assert coming in (Status.PROPOSED, Status.CONCLUDED, Status.NEGOTIATING)
    assert _step(form.format(done, ""), language).status is Status.SIGNED


def test_a_clear_signature_outweighs_a_verb_of_many_uses() -> None:
    text = "The ministers signed an agreement on nurses. The accord cancelled by Samoa was dearer."
    assert _step(text, "en").status is Status.SIGNED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Oslo and Accra opened talks on renewing the labour agreement."),
        ("fr", "Oslo et Accra négocient la suspension de l'accord."),
        ("de", "Oslo und Accra führen Gespräche über eine Verlängerung des Abkommens."),
    ],
)
def test_talks_about_a_change_are_only_talks(language: str, text: str) -> None:
    assert _step(text, language).status is Status.NEGOTIATING


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Rien n'a été signé : l'entente sur les retours reste verbale."),
        ("en", "Nothing has been signed, an official said of the deal on returns."),
        ("es", "No hay papel firmado: el acuerdo de retorno es verbal."),
        ("de", "Unterschrieben wurde nichts, die Absprache ist mündlich."),
    ],
)
def test_oral_deal_is_concluded(language: str, text: str) -> None:
    assert _step(text, language).status is Status.CONCLUDED


@pytest.mark.parametrize(
    ("language", "text", "status"),
    [
        (
            "fr",
            "Les députés ont approuvé jeudi la ratification de l'accord avec le Togo.",
            Status.RATIFIED,
        ),
        (
            "en",
            "Parliament approved the readmission agreement with Ghana on Thursday.",
            Status.RATIFIED,
        ),
        (
            "pt",
            "A Assembleia Nacional aprovou a ratificação do acordo de mobilidade.",
            Status.RATIFIED,
        ),
        ("de", "Das Abkommen über Saisonkräfte ist am Freitag in Kraft getreten.", Status.IN_FORCE),
        ("it", "L'accordo sui visti è entrato in vigore giovedì.", Status.IN_FORCE),
        (
            "es",
            "Ambos gobiernos prorrogaron el convenio de temporeros por dos años.",
            Status.RENEWED,
        ),
        ("fr", "La Cour a suspendu l'application de l'accord migratoire.", Status.SUSPENDED),
        ("ar", "قررت الحكومة تعليق العمل باتفاقية العمالة", Status.SUSPENDED),
        (
            "en",
            "Chad has scrapped the returns agreement, its ministry announced.",
            Status.TERMINATED,
        ),
        ("de", "Oslo kündigte das Rückführungsabkommen mit Accra auf.", Status.TERMINATED),
        ("fr", "Le Mali dément tout accord de réadmission avec la Norvège.", Status.REJECTED),
        ("en", "There is no agreement on deportees, the minister said.", Status.REJECTED),
        ("it", "Sono iniziati i negoziati per un accordo sui rimpatri.", Status.NEGOTIATING),
        (
            "es",
            "Comenzó la segunda ronda de negociaciones sobre el convenio migratorio.",
            Status.NEGOTIATING,
        ),
        (
            "de",
            "Norwegen hat Ghana ein Abkommen über Rückführungen vorgeschlagen.",
            Status.PROPOSED,
        ),
    ],
)
def test_each_step_has_its_words(language: str, text: str, status: Status) -> None:
    assert _step(text, language).status is status


def test_an_act_of_another_year_is_background() -> None:
    text = (
        "Norway suspended the labour agreement on Thursday. The pact was signed in 2015 in Accra."
    )
    assert _step(text, "en").status is Status.SUSPENDED


def test_the_year_of_an_agreement_does_not_date_what_happens_to_it() -> None:
    assert (
        _step("L'accord de 1994 sur les visas a été dénoncé par Lima.", "fr").status
        is Status.TERMINATED
    )


def test_who_signs_a_renewal_renews() -> None:
    title = "Accra and Oslo sign extension of labour memorandum"
    assert _step("The memorandum was extended until 2027.", "en", title).status is Status.RENEWED


def test_who_signs_a_new_agreement_in_the_place_of_an_old_one_signs() -> None:
    title = "Accra et Oslo renouvellent leur accord de main-d'oeuvre"
    text = "Ils ont signé un nouvel accord, qui remplace celui de 2016."
    assert _step(text, "fr", title).status is Status.SIGNED


def test_what_will_enter_into_force_has_been_signed() -> None:
    assert (
        _step("The labour agreement with Ghana must still be ratified.", "en").status
        is Status.SIGNED
    )


def test_talks_that_were_concluded_are_no_conclusion() -> None:
    text = "Concluyó la primera ronda de negociaciones sobre el convenio migratorio."
    assert _step(text, "es").status is Status.NEGOTIATING


def test_what_is_denied_did_not_happen() -> None:
    text = "The ministry denied signing any agreement on deportees."
    assert _step(text, "en").status is Status.REJECTED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The agreement was negotiated during the minister's tour."),
        ("es", "Los acuerdos se negociaron durante la gira del ministro."),
        ("pt", "O acordo foi negociado durante a visita do ministro."),
    ],
)
def test_what_was_negotiated_is_no_longer_negotiated(language: str, text: str) -> None:
    assert _step(text, language).status is not Status.NEGOTIATING


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Hemos acordado, dijo. Negó que se trate de un acuerdo de tercer país seguro."),
        ("pt", "Os dois governos acordaram. O ministro nega que se trate de um acordo."),
        ("it", "I due governi hanno concordato. Il ministro nega che si tratti di un accordo."),
        ("en", "They agreed to a deal. He denied that it amounts to a safe-country agreement."),
    ],
)
def test_who_denies_what_an_agreement_is_called_does_not_deny_it(language: str, text: str) -> None:
    assert _step(text, language).status is Status.CONCLUDED


def test_an_agreement_whose_details_are_negotiated_is_concluded() -> None:
    text = (
        "Kampala a accepté d'accueillir des migrants. L'accord, dont les détails restent à "
        "négocier, exclut les mineurs."
    )
    assert _step(text, "fr").status is Status.CONCLUDED


def test_a_sign_of_victory_signs_nothing() -> None:
    text = "Activists flashed the victory sign as the first people were returned under the pact."
    assert _step(text, "en").status is not Status.SIGNED


def test_a_text_without_any_act_has_no_status() -> None:
    assert _step("The beach was quiet and the sea was blue.", "en") == FoundStatus(None)


def test_the_cost_of_a_book_of_acts_grows_with_its_length() -> None:
    sentence = (
        "Ghana and Norway signed the agreement of 2010 on 3 May 2010 and suspended the memorandum "
    )
    small, big = (read("", sentence * times, "en", _lexicon()) for times in (100, 800))

    def calls(reading: Reading) -> int:
        return calls_of(lambda: find_status(reading, find_clauses(reading, _PUBLISHED)))

    assert find_status(big, find_clauses(big, _PUBLISHED)).status is not None
    assert calls(big) < 16 * calls(small)  # pair by pair it would be 64 times as many


def test_evidence_is_the_words_of_the_act() -> None:
    text = "Les deux ministres ont paraphé jeudi un accord sur les retours."
    (evidence,) = _step(text, "fr").evidence
    assert (evidence.rule, evidence.text) == ("card.status", "paraphé")
    assert text[evidence.start : evidence.end] == evidence.text


@pytest.mark.parametrize(
    ("language", "text", "status"),
    [
        (
            "en",
            "Parliament gave its concurrence to the social security agreement on Monday.",
            Status.RATIFIED,
        ),
        ("es", "El Senado sancionó el acuerdo de vacaciones y trabajo.", Status.RATIFIED),
        ("it", "L'Aula ha dato il disco verde all'accordo sulla mobilità.", Status.RATIFIED),
        ("fr", "Le Conseil a adopté un mandat pour un partenariat migratoire.", Status.NEGOTIATING),
        ("pt", "A Comissão recebeu carta branca para o acordo de readmissão.", Status.NEGOTIATING),
        (
            "de",
            "Ankara wendet das Rückübernahmeprotokoll bis auf Weiteres nicht mehr an.",
            Status.SUSPENDED,
        ),
        ("ar", "أوقفت الحكومة العمل بالاتفاق حتى إشعار آخر", Status.SUSPENDED),
        ("fr", "L'accord tripartite n'est plus appliqué jusqu'à nouvel ordre.", Status.SUSPENDED),
        (
            "de",
            "Die Regierung in Monrovia hat eingewilligt, Abgeschobene aufzunehmen.",
            Status.CONCLUDED,
        ),
        ("ar", "قال الوزير إنه لا صحة لما نشر عن اتفاق", Status.REJECTED),
    ],
)
def test_idioms_of_several_steps(language: str, text: str, status: Status) -> None:
    assert _step(text, language).status is status


def test_the_present_tense_beside_a_day_to_come_is_a_future() -> None:
    assert (
        _step("Die Minister unterzeichnen am 29. Mai das Abkommen.", "de").status
        is Status.CONCLUDED
    )


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "What the new labour deal means for pickers in Nauru"),
        ("en", "Nauru to pay Fiji eight million in agreement on patrols"),
        ("de", "Das neue Rückführungsabkommen mit Accra im Überblick"),
        ("fr", "Réadmission : les points de l'accord entre Oslo et Dakar"),
        ("es", "Las claves del acuerdo de retorno entre Oslo y Lima"),
        ("it", "Rimpatri, i punti dell'accordo tra Oslo e Dakar"),
        ("pt", "Os pontos do acordo de mobilidade entre Oslo e Praia"),
        ("ar", "تفاصيل اتفاقية العمالة بين أوسلو وداكار"),
    ],
)
def test_an_agreement_that_a_title_only_names_is_concluded(language: str, title: str) -> None:
    assert _step("", language, title).status is Status.CONCLUDED


def test_an_agreement_that_is_hoped_for_is_not_concluded() -> None:
    assert _step("", "en", "Why Oslo still needs a readmission deal").status is Status.PROPOSED


def test_talks_that_a_title_only_names_are_under_way() -> None:
    assert _step("", "en", "Visa talks with Nauru: the open points").status is Status.NEGOTIATING


def test_a_text_that_names_neither_act_nor_agreement_has_no_status() -> None:
    assert _step("The minister spoke about fish.", "en", "A minister speaks").status is None


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Fiji and Nauru set to announce a labour agreement"),
        ("fr", "Oslo et Dakar doivent annoncer un accord sur les retours"),
        ("de", "Oslo und Accra wollen ein Rückführungsabkommen verkünden"),
        ("es", "Oslo y Lima van a anunciar un acuerdo de retorno"),
        ("it", "Oslo e Dakar annunceranno un accordo sui rimpatri"),
        ("pt", "Oslo e Praia vão anunciar um acordo de mobilidade"),
        ("ar", "أوسلو وداكار سيعلنان اتفاقية العمالة"),
    ],
)
def test_an_agreement_about_to_be_announced_is_concluded(language: str, title: str) -> None:
    assert _step("", language, title).status is Status.CONCLUDED


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Court of appeal rules that the plan to send asylum seekers to Nauru is unlawful"),
        ("fr", "La cour juge l'accord sur les renvois vers Nauru illégal"),
        ("de", "Gericht hält das Abkommen mit Nauru für rechtswidrig"),
        ("es", "El tribunal declara ilegal el acuerdo con Nauru"),
        ("it", "I giudici: illegittimo l'accordo con Nauru"),
        ("pt", "Tribunal considera ilegal o acordo com Nauru"),
        ("ar", "المحكمة تعتبر الاتفاقية مع ناورو غير قانونية"),
    ],
)
def test_a_court_that_finds_an_agreement_unlawful_suspends_it(language: str, title: str) -> None:
    assert _step("", language, title).status is Status.SUSPENDED


@pytest.mark.parametrize("how", ["illegal einreisende", "legal eingereiste"])
def test_how_people_came_says_nothing_of_an_agreement(how: str) -> None:
    text = f"Das Abkommen mit Nauru gilt für {how} Menschen."
    assert _step(text, "de").status is Status.CONCLUDED


def test_a_court_that_upholds_an_agreement_leaves_it_in_force() -> None:
    assert _step("", "en", "Top court upholds asylum pact with Nauru").status is Status.IN_FORCE


def test_a_modal_before_a_comma_governs_no_act_behind_it() -> None:
    step = _step("", "en", "In a bid to curb arrivals, Oslo strikes a deal with Nauru")
    assert step.status is Status.CONCLUDED


@pytest.mark.parametrize(
    "title",
    [
        "Agreement with Nauru cancels illegal crossings",
        "Patrol deal with Nauru blocked smugglers in spring",
        "Deal with Nauru wants to curb illegal migration",
    ],
)
def test_who_stops_people_or_crossings_stops_no_agreement(title: str) -> None:
    assert _step("", "en", title).status is Status.CONCLUDED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le conseil des ministres a approuvé la signature d'un accord de réadmission."),
        ("es", "El Consejo de Ministros autoriza la firma de un convenio sobre temporeros."),
        ("it", "Il governo ha autorizzato la firma dell'accordo sui rimpatri."),
        ("pt", "O governo aprovou a assinatura de um acordo de mobilidade laboral."),
        ("de", "Das Kabinett billigte die Unterzeichnung des Rückführungsabkommens."),
        ("ar", "وافق مجلس الوزراء على توقيع مذكرة تفاهم لاستقدام العمال"),
    ],
)
def test_a_cabinet_that_lets_a_minister_sign_has_not_ratified(language: str, text: str) -> None:
    assert _step(text, language).status is Status.CONCLUDED


def test_a_parliament_that_votes_for_what_was_signed_ratifies() -> None:
    text = "Parliament approved the labour agreement, whose signing was in May, by 80 votes."
    assert _step(text, "en").status is Status.RATIFIED


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("fr", "Lisbonne et Praia : un accord sur les visas pour mettre fin à la crise"),
        ("en", "Labour accord is to end the dispute between Oslo and Accra"),
        ("de", "Migrationsabkommen soll den Streit zwischen Oslo und Accra beenden"),
    ],
)
def test_who_ends_a_crisis_ends_no_agreement(language: str, title: str) -> None:
    assert _step("", language, title).status is not Status.TERMINATED


def test_talks_that_are_put_off_are_under_way() -> None:
    step = _step("", "en", "Oslo and Accra suspend talks on the return of migrants")
    assert step.status is Status.NEGOTIATING


def test_who_approves_without_a_parliament_or_cabinet_agrees() -> None:
    assert _step("", "de", "164 Staaten stimmen dem Migrationspakt zu").status is Status.CONCLUDED
    title = "Bundestag stimmt dem Migrationspakt zu"
    assert _step("", "de", title).status is Status.RATIFIED


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The memorandum was terminated. Violence followed at the border.", Status.TERMINATED),
        ("The labour agreement was suspended amid a dispute over visas.", Status.SUSPENDED),
        ("Oslo and Accra: labour accord suspended over row.", Status.SUSPENDED),
        ("Oslo terminated the agreement after violence at the border.", Status.TERMINATED),
    ],
)
def test_trouble_around_the_end_of_an_agreement_is_not_what_ends(text: str, status: Status) -> None:
    assert _step(text, "en").status is status


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le Sénat a ratifié l'accord après sa signature à Rome."),
        ("en", "Parliament ratified the labour pact after its signing in Rome."),
        ("en", "The cabinet ratified the labour pact after its signing in Rome."),
    ],
)
def test_who_ratifies_after_the_signature_has_ratified(language: str, text: str) -> None:
    assert _step(text, language).status is Status.RATIFIED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Das Parlament sagt Ja zum Rücknahmeabkommen mit Ghana."),
        ("it", "Il Parlamento dice sì all'intesa sui migranti."),
    ],
)
def test_a_parliament_that_agrees_ratifies(language: str, text: str) -> None:
    assert _step(text, language).status is Status.RATIFIED


def test_an_act_is_old_with_the_date_of_the_one_within_it() -> None:
    text = "La Belgique veut un accord de retour. Celui de 2006 n'est plus appliqué depuis 2019."
    assert _step(text, "fr").status is Status.PROPOSED


def test_who_signs_what_prolongs_an_agreement_prolongs_it() -> None:
    text = "They signed a protocol that prolongs the labour agreement by three years."
    assert _step(text, "en").status is Status.RENEWED


def test_a_date_behind_a_comma_belongs_to_the_act_of_its_clause() -> None:
    text = (
        "Das Parlament hat dem Abkommen zugestimmt, das beide am 19. Dezember 2022 unterzeichnet"
        " haben."
    )
    assert _step(text, "de").status is Status.RATIFIED


def test_a_passive_of_the_past_perfect_is_background() -> None:
    text = "Oslo bietet Accra ein Abkommen an. Das Abkommen war im Parlament abgelehnt worden."
    assert _step(text, "de").status is Status.PROPOSED


def test_an_agreement_that_meets_resistance_is_not_agreed_now() -> None:
    text = "تتواصل المفاوضات بين أوسلو وأكرا. ولاقى الاتفاق على منح التأشيرات مقاومة في البرلمان."
    assert _step(text, "ar").status is Status.NEGOTIATING


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("fr", "Frontex à Dakar ?", "Aucune négociation sur un accord n'a encore été ouverte."),
        (
            "fr",
            "Oslo met une offre sur la table",
            "La Norvège propose au Mali de former ses gardes.",
        ),
        ("en", "Frontex in Dakar?", "No talks on a migration agreement have begun."),
    ],
)
def test_talks_that_nobody_holds_yet_and_offers_are_proposals(
    language: str, title: str, text: str
) -> None:
    assert _step(text, language, title).status is Status.PROPOSED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Nun bespricht Bern eine Verlängerung des Abkommens mit China."),
        ("en", "Oslo and Accra discuss renewing the labour agreement."),
        ("fr", "Oslo et Dakar discutent de la prolongation de l'accord sur les saisonniers."),
        ("es", "Madrid y Dakar estudian la prórroga del convenio de temporeros."),
        ("it", "Roma e Tunisi valutano il rinnovo dell'accordo sui rimpatri."),
        ("pt", "Lisboa e Praia discutem a renovação do acordo de mobilidade."),
        ("ar", "يبحث الوزيران تمديد اتفاقية استقدام العمال"),
    ],
)
def test_who_talks_about_a_renewal_has_not_renewed(language: str, text: str) -> None:
    assert _step(text, language).status is Status.NEGOTIATING


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt", "O presidente confirma a revogação da adesão ao pacto sobre migração."),
        ("es", "El gobierno revoca su adhesión al pacto sobre migración."),
        ("en", "Budapest revokes its accession to the migration pact."),
        ("fr", "Budapest annule son adhésion au pacte sur les migrations."),
        ("it", "Budapest revoca la propria adesione al patto sulle migrazioni."),
        ("de", "Budapest widerruft den Beitritt zum Migrationspakt."),
        ("ar", "ألغت بودابست انضمامها إلى اتفاق الهجرة"),
    ],
)
def test_who_takes_an_accession_back_ends_the_agreement(language: str, text: str) -> None:
    assert _step(text, language).status is Status.TERMINATED


def test_people_who_are_escorted_home_prolong_no_agreement() -> None:
    title = "Dakar accepte de reprendre ses ressortissants reconduits depuis Mayotte"
    assert _step("Les vols de reconduites ont repris.", "fr", title).status is not Status.RENEWED
    assert _step("Oslo et Dakar ont reconduit leur accord.", "fr").status is Status.RENEWED


def test_a_partner_that_refuses_a_deal_has_rejected_it() -> None:
    assert _step("", "en", "Coalition shamed by refugee deal refusal").status is Status.REJECTED


def test_a_day_alone_puts_nothing_in_force() -> None:
    text = "Costa Rica es desde hoy el tercer país que recibe a migrantes de otras naciones."
    assert _step(text, "es").status is not Status.IN_FORCE
    assert _step("El convenio se aplica desde hoy.", "es").status is Status.IN_FORCE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Alger gèle les laissez-passer consulaires réclamés par Paris."),
        ("fr", "Les consulats ont cessé depuis plusieurs semaines d'établir les documents."),
        ("en", "Baghdad suspends readmissions of its nationals from Finland."),
        ("de", "Bagdad stoppt die Rücknahme und setzt alle Rückführungen aus."),
        ("es", "Caracas suspende las repatriaciones desde Chile."),
        ("it", "Tunisi sospende i rimpatri dalla Sicilia."),
        ("pt", "Caracas suspendeu as readmissões a partir do Brasil."),
        ("ar", "علقت بغداد إعادة القبول من فنلندا"),
    ],
)
def test_who_stops_taking_people_back_suspends(language: str, text: str) -> None:
    assert _step(text, language).status is Status.SUSPENDED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "de",
            "Die Verhandlungen über ein Rückübernahmeabkommen sind am Mittwoch ergebnislos "
            "vertagt worden.",
        ),
    ],
)
def test_talks_that_end_without_a_result_end_no_agreement(language: str, text: str) -> None:
    assert _step(text, language).status is Status.NEGOTIATING


def test_nothing_signed_beside_an_offer_is_an_offer() -> None:
    text = "No se ha firmado documento alguno; los abogados de Oslo y Lima estudiarán la propuesta."
    assert _step(text, "es").status is Status.PROPOSED


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("fr", "Décret portant publication de l'accord entre Oslo et Dakar sur la réadmission"),
        ("ar", "ظهير شريف بنشر الاتفاق بين أوسلو وداكار بشأن الهجرة"),
        ("de", "Gesetz zu dem Abkommen zwischen Norwegen und Ghana über Migration"),
    ],
)
def test_a_gazette_that_publishes_an_agreement_ratifies_it(language: str, title: str) -> None:
    assert _step("", language, title).status is Status.RATIFIED


def test_a_vote_that_is_expected_has_not_been_taken() -> None:
    text = "Oslo signed two papers on Tuesday. The parliament's vote on the farm deal is expected soon."
    assert _step(text, "en").status is Status.SIGNED


def test_what_was_in_force_for_years_is_background() -> None:
    text = "Oslo y Lima acordaron ayer devolver a más personas. Desde 2006 rige un acuerdo."
    assert _step(text, "es").status is Status.CONCLUDED


def test_a_day_to_come_puts_nothing_in_force() -> None:
    text = "Das Abkommen tritt am 1. Juni in Kraft. Es wurde am 3. Februar 2022 unterzeichnet."
    assert _step(text, "de").status is not Status.IN_FORCE


def test_who_takes_nobody_back_any_more_suspends_and_does_not_refuse() -> None:
    text = "Rom nimmt keine Flüchtlinge mehr zurück, die Rücknahme ist vorerst ausgesetzt."
    assert _step(text, "de", "Rom nimmt keine Flüchtlinge mehr zurück").status is Status.SUSPENDED


def test_a_cabinet_that_approves_a_suspension_suspends() -> None:
    text = "The cabinet approved the suspension of the labour agreement on Thursday."
    assert _step(text, "en").status is Status.SUSPENDED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The cabinet approved on Tuesday a proposal to sign a labour agreement with Oslo."),
        (
            "fr",
            "Le conseil des ministres a approuvé la signature d’un accord migratoire avec Oslo.",
        ),
        ("fr", "Le conseil des ministres a approuvé un projet d’accord, qui sera signé en mai."),
        ("es", "El Consejo de Ministros aprobó el acuerdo migratorio, que se firmará en marzo."),
        (
            "it",
            "Il Consiglio dei ministri ha approvato lo schema di accordo, che sarà firmato a marzo.",
        ),
        ("de", "Das Kabinett hat der Unterzeichnung eines Migrationsabkommens zugestimmt."),
        (
            "it",
            "Il Consiglio dei ministri ha approvato la firma di un accordo migratorio con Oslo.",
        ),
        ("es", "El Consejo de Ministros aprobó la firma de un acuerdo migratorio con Oslo."),
        ("pt", "O Conselho de Ministros aprovou a assinatura de um acordo de migração com Oslo."),
        ("ar", "وافق مجلس الوزراء على توقيع اتفاق مع أوسلو بشأن الهجرة."),
    ],
)
def test_what_a_cabinet_lets_somebody_sign_is_not_ratified(language: str, text: str) -> None:
    assert _step(text, language).status is Status.CONCLUDED


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "Has Ankara torn up the readmission agreement?", "The agreement divides Europe."),
        ("en", "Migration deal of 2016 rejected?", "Columnists argue about the deal."),
        ("fr", "L'accord migratoire a-t-il été dénoncé ?", "L'accord divise toujours."),
        ("ar", "هل ألغت أنقرة اتفاق الهجرة؟", "اتفاق الهجرة بين الطرفين."),
        ("es", "¿Ha roto Ankara el acuerdo migratorio?", "El acuerdo cumple años."),
        ("it", "Ankara ha rotto l'accordo sui migranti?", "L'accordo divide."),
        ("pt", "Ancara rompeu o acordo migratório?", "O acordo faz anos."),
        ("de", "Ist das Flüchtlingsabkommen gescheitert?", "Das Abkommen spaltet Europa."),
    ],
)
def test_who_asks_whether_an_agreement_ended_has_not_ended_it(
    language: str, title: str, text: str
) -> None:
    assert _step(text, language, title).status is Status.CONCLUDED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The High Court on Monday heard a request to suspend the asylum agreement."),
        ("en", "Judges weigh the suspension of the asylum agreement."),
        ("de", "Das Gericht in London verhandelte über die Aussetzung des Abkommens."),
        ("es", "La vista trata de la suspensión del acuerdo de asilo."),
    ],
)
def test_a_hearing_alone_suspends_nothing(language: str, text: str) -> None:
    assert _step(text, language).status is not Status.SUSPENDED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Parliament passed the migration bill, which relies on the deal with Kigali."),
        ("en", "The Knesset approved the law on Wednesday despite an agreement with Ramallah."),
        ("fr", "L'Assemblée nationale a adopté le projet de loi immigration, qui cite l'accord."),
        ("ar", "أقر البرلمان قانون الهجرة الذي يستند إلى الاتفاق مع كيغالي."),
        ("es", "El Congreso aprobó el martes la ley de extranjería que cita el acuerdo."),
        ("it", "Il Senato ha approvato il decreto flussi, che richiama il protocollo."),
        ("pt", "O Parlamento aprovou a lei de estrangeiros, que menciona o acordo."),
        ("de", "Der Bundestag hat das Rückführungsgesetz verabschiedet; das Abkommen bleibt."),
    ],
)
def test_a_parliament_that_passes_a_law_of_its_own_ratifies_nothing(
    language: str, text: str
) -> None:
    assert _step(text, language).status is not Status.RATIFIED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The Senate on Thursday passed the law ratifying the agreement on migrant centres."),
        ("en", "The Senate approved a bill on the readmission agreement."),
        ("fr", "Le Sénat a adopté le projet de loi autorisant l'approbation de l'accord."),
        ("it", "La Camera ha approvato il disegno di legge di ratifica del protocollo."),
        ("de", "Der Bundestag hat dem Gesetz zum Migrationsabkommen zugestimmt."),
    ],
)
def test_a_parliament_that_passes_the_law_of_an_agreement_ratifies_it(
    language: str, text: str
) -> None:
    assert _step(text, language).status is Status.RATIFIED
