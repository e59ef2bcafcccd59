"""The status of the card: the furthest step that a text reports as done or under way."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.status import FoundStatus, find_status
from crawler.judgement.text.reading import Reading, read
from storage.records import Status
from tests.crawler.judgement.behaviours import rows_of
from tests.crawler.judgement.lexicon import words_alone
from tests.growth import calls_of

_PUBLISHED = date(2023, 5, 12)  # a Friday


def _step(text: str, language: str, title: str = "") -> FoundStatus:
    reading = read(title, text, language, words_alone())
    return find_status(reading, find_clauses(reading, _PUBLISHED))


READ_AS: dict[str, list[tuple[str, ...]]] = {
    "usual and unusual ways to sign": [
        ("SIGNED", "fr", "Les deux ministres ont signé jeudi un accord sur les travailleurs saisonniers."),
        ("SIGNED", "fr", "Oslo et Dakar ont apposé leur signature au bas d'un protocole de réadmission."),
        ("SIGNED", "en", "Fiji and Nauru put pen to paper on a labour memorandum on Thursday."),
        ("SIGNED", "en", "The two ministers initialled the readmission agreement in Baku."),
        ("SIGNED", "ar", "وقع وزيرا العمل أمس مذكرة تفاهم لاستقدام العمال"),
        ("SIGNED", "ar", "وضع الوزيران توقيعهما على اتفاقية العمالة"),
        ("SIGNED", "es", "Los cancilleres estamparon su firma en un convenio de retorno."),
        ("SIGNED", "it", "I due governi hanno messo nero su bianco l'intesa sui rimpatri."),
        ("SIGNED", "pt", "Os ministros rubricaram um memorando sobre mão-de-obra."),
        ("SIGNED", "de", "Beide Minister setzten ihre Unterschrift unter das Rückführungsabkommen."),
        ("SIGNED", "de", "Oslo und Accra besiegelten am Donnerstag ein Migrationsabkommen."),
    ],
    "a signature on a set day is concluded": [
        ("CONCLUDED", "fr", "Le mémorandum sera signé lundi prochain à Lomé, a annoncé le ministère."),
        ("CONCLUDED", "en", "The labour agreement will be signed on Monday in Lomé, the ministry said."),
        ("CONCLUDED", "ar", "سيوقع الوزيران مذكرة العمالة يوم الاثنين المقبل"),
        ("CONCLUDED", "ar", "ستختتم الزيارة بالتوقيع على مذكرة العمالة، كما أعلن السفير الثلاثاء"),
        ("CONCLUDED", "es", "El lunes se va a firmar el memorando sobre temporeros."),
        ("CONCLUDED", "it", "L'accordo sarà firmato lunedì nella capitale."),
        ("CONCLUDED", "pt", "O acordo vai ser assinado na segunda-feira em Praia."),
        ("CONCLUDED", "de", "Das Abkommen soll am Montag unterzeichnet werden."),
    ],
    "an open-ended deal has not ended": [
        ("SIGNED", "en", "Oslo signed an open-ended agreement with Accra on seasonal workers."),
    ],
    "a clear signature outweighs a verb of many uses": [
        ("SIGNED", "en", "The ministers signed an agreement on nurses. The accord cancelled by Samoa was dearer."),
    ],
    "talks about a change are only talks": [
        ("NEGOTIATING", "en", "Oslo and Accra opened talks on renewing the labour agreement."),
        ("NEGOTIATING", "fr", "Oslo et Accra négocient la suspension de l'accord."),
        ("NEGOTIATING", "de", "Oslo und Accra führen Gespräche über eine Verlängerung des Abkommens."),
    ],
    "oral deal is concluded": [
        ("CONCLUDED", "fr", "Rien n'a été signé : l'entente sur les retours reste verbale."),
        ("CONCLUDED", "en", "Nothing has been signed, an official said of the deal on returns."),
        ("CONCLUDED", "es", "No hay papel firmado: el acuerdo de retorno es verbal."),
        ("CONCLUDED", "de", "Unterschrieben wurde nichts, die Absprache ist mündlich."),
    ],
    "each step has its words": [
        ("RATIFIED", "fr", "Les députés ont approuvé jeudi la ratification de l'accord avec le Togo."),
        ("RATIFIED", "en", "Parliament approved the readmission agreement with Ghana on Thursday."),
        ("RATIFIED", "pt", "A Assembleia Nacional aprovou a ratificação do acordo de mobilidade."),
        ("IN_FORCE", "de", "Das Abkommen über Saisonkräfte ist am Freitag in Kraft getreten."),
        ("IN_FORCE", "it", "L'accordo sui visti è entrato in vigore giovedì."),
        ("RENEWED", "es", "Ambos gobiernos prorrogaron el convenio de temporeros por dos años."),
        ("SUSPENDED", "fr", "La Cour a suspendu l'application de l'accord migratoire."),
        ("SUSPENDED", "ar", "قررت الحكومة تعليق العمل باتفاقية العمالة"),
        ("TERMINATED", "en", "Chad has scrapped the returns agreement, its ministry announced."),
        ("TERMINATED", "de", "Oslo kündigte das Rückführungsabkommen mit Accra auf."),
        ("REJECTED", "fr", "Le Mali dément tout accord de réadmission avec la Norvège."),
        ("REJECTED", "en", "There is no agreement on deportees, the minister said."),
        ("NEGOTIATING", "it", "Sono iniziati i negoziati per un accordo sui rimpatri."),
        ("NEGOTIATING", "es", "Comenzó la segunda ronda de negociaciones sobre el convenio migratorio."),
        ("PROPOSED", "de", "Norwegen hat Ghana ein Abkommen über Rückführungen vorgeschlagen."),
    ],
    "an act of another year is background": [
        ("SUSPENDED", "en", "Norway suspended the labour agreement on Thursday. The pact was signed in 2015 in Accra."),
    ],
    "the year of an agreement does not date what happens to it": [
        ("TERMINATED", "fr", "L'accord de 1994 sur les visas a été dénoncé par Lima."),
    ],
    "who signs a renewal renews": [
        ("RENEWED", "en", "The memorandum was extended until 2027.", "Accra and Oslo sign extension of labour memorandum"),
    ],
    "who signs a new agreement in the place of an old one signs": [
        ("SIGNED", "fr", "Ils ont signé un nouvel accord, qui remplace celui de 2016.", "Accra et Oslo renouvellent leur accord de main-d'oeuvre"),
    ],
    "what will enter into force has been signed": [
        ("SIGNED", "en", "The labour agreement with Ghana must still be ratified."),
    ],
    "talks that were concluded are no conclusion": [
        ("NEGOTIATING", "es", "Concluyó la primera ronda de negociaciones sobre el convenio migratorio."),
    ],
    "what is denied did not happen": [
        ("REJECTED", "en", "The ministry denied signing any agreement on deportees."),
    ],
    "who denies what an agreement is called does not deny it": [
        ("CONCLUDED", "es", "Hemos acordado, dijo. Negó que se trate de un acuerdo de tercer país seguro."),
        ("CONCLUDED", "pt", "Os dois governos acordaram. O ministro nega que se trate de um acordo."),
        ("CONCLUDED", "it", "I due governi hanno concordato. Il ministro nega che si tratti di un accordo."),
        ("CONCLUDED", "en", "They agreed to a deal. He denied that it amounts to a safe-country agreement."),
    ],
    "an agreement whose details are negotiated is concluded": [
        ("CONCLUDED", "fr", "Kampala a accepté d'accueillir des migrants. L'accord, dont les détails restent à négocier, exclut les mineurs."),
    ],
    "idioms of several steps": [
        ("RATIFIED", "en", "Parliament gave its concurrence to the social security agreement on Monday."),
        ("RATIFIED", "es", "El Senado sancionó el acuerdo de vacaciones y trabajo."),
        ("RATIFIED", "it", "L'Aula ha dato il disco verde all'accordo sulla mobilità."),
        ("NEGOTIATING", "fr", "Le Conseil a adopté un mandat pour un partenariat migratoire."),
        ("NEGOTIATING", "pt", "A Comissão recebeu carta branca para o acordo de readmissão."),
        ("SUSPENDED", "de", "Ankara wendet das Rückübernahmeprotokoll bis auf Weiteres nicht mehr an."),
        ("SUSPENDED", "ar", "أوقفت الحكومة العمل بالاتفاق حتى إشعار آخر"),
        ("SUSPENDED", "fr", "L'accord tripartite n'est plus appliqué jusqu'à nouvel ordre."),
        ("CONCLUDED", "de", "Die Regierung in Monrovia hat eingewilligt, Abgeschobene aufzunehmen."),
        ("REJECTED", "ar", "قال الوزير إنه لا صحة لما نشر عن اتفاق"),
    ],
    "the present tense beside a day to come is a future": [
        ("CONCLUDED", "de", "Die Minister unterzeichnen am 29. Mai das Abkommen."),
    ],
    "an agreement that a title only names is concluded": [
        ("CONCLUDED", "en", "", "What the new labour deal means for pickers in Nauru"),
        ("CONCLUDED", "en", "", "Nauru to pay Fiji eight million in agreement on patrols"),
        ("CONCLUDED", "de", "", "Das neue Rückführungsabkommen mit Accra im Überblick"),
        ("CONCLUDED", "fr", "", "Réadmission : les points de l'accord entre Oslo et Dakar"),
        ("CONCLUDED", "es", "", "Las claves del acuerdo de retorno entre Oslo y Lima"),
        ("CONCLUDED", "it", "", "Rimpatri, i punti dell'accordo tra Oslo e Dakar"),
        ("CONCLUDED", "pt", "", "Os pontos do acordo de mobilidade entre Oslo e Praia"),
        ("CONCLUDED", "ar", "", "تفاصيل اتفاقية العمالة بين أوسلو وداكار"),
    ],
    "an agreement that is hoped for is not concluded": [
        ("PROPOSED", "en", "", "Why Oslo still needs a readmission deal"),
    ],
    "talks that a title only names are under way": [
        ("NEGOTIATING", "en", "", "Visa talks with Nauru: the open points"),
    ],
    "an agreement about to be announced is concluded": [
        ("CONCLUDED", "en", "", "Fiji and Nauru set to announce a labour agreement"),
        ("CONCLUDED", "fr", "", "Oslo et Dakar doivent annoncer un accord sur les retours"),
        ("CONCLUDED", "de", "", "Oslo und Accra wollen ein Rückführungsabkommen verkünden"),
        ("CONCLUDED", "es", "", "Oslo y Lima van a anunciar un acuerdo de retorno"),
        ("CONCLUDED", "it", "", "Oslo e Dakar annunceranno un accordo sui rimpatri"),
        ("CONCLUDED", "pt", "", "Oslo e Praia vão anunciar um acordo de mobilidade"),
        ("CONCLUDED", "ar", "", "أوسلو وداكار سيعلنان اتفاقية العمالة"),
    ],
    "a court that finds an agreement unlawful suspends it": [
        ("SUSPENDED", "en", "", "Court of appeal rules that the plan to send asylum seekers to Nauru is unlawful"),
        ("SUSPENDED", "fr", "", "La cour juge l'accord sur les renvois vers Nauru illégal"),
        ("SUSPENDED", "de", "", "Gericht hält das Abkommen mit Nauru für rechtswidrig"),
        ("SUSPENDED", "es", "", "El tribunal declara ilegal el acuerdo con Nauru"),
        ("SUSPENDED", "it", "", "I giudici: illegittimo l'accordo con Nauru"),
        ("SUSPENDED", "pt", "", "Tribunal considera ilegal o acordo com Nauru"),
        ("SUSPENDED", "ar", "", "المحكمة تعتبر الاتفاقية مع ناورو غير قانونية"),
    ],
    "how people came says nothing of an agreement": [
        ("CONCLUDED", "de", "Das Abkommen mit Nauru gilt für illegal einreisende Menschen."),
        ("CONCLUDED", "de", "Das Abkommen mit Nauru gilt für legal eingereiste Menschen."),
    ],
    "a court that upholds an agreement leaves it in force": [
        ("IN_FORCE", "en", "", "Top court upholds asylum pact with Nauru"),
    ],
    "who stops people or crossings stops no agreement": [
        ("CONCLUDED", "en", "", "Agreement with Nauru cancels illegal crossings"),
        ("CONCLUDED", "en", "", "Patrol deal with Nauru blocked smugglers in spring"),
        ("CONCLUDED", "en", "", "Deal with Nauru wants to curb illegal migration"),
    ],
    "a cabinet that lets a minister sign has not ratified": [
        ("CONCLUDED", "fr", "Le conseil des ministres a approuvé la signature d'un accord de réadmission."),
        ("CONCLUDED", "es", "El Consejo de Ministros autoriza la firma de un convenio sobre temporeros."),
        ("CONCLUDED", "it", "Il governo ha autorizzato la firma dell'accordo sui rimpatri."),
        ("CONCLUDED", "pt", "O governo aprovou a assinatura de um acordo de mobilidade laboral."),
        ("CONCLUDED", "de", "Das Kabinett billigte die Unterzeichnung des Rückführungsabkommens."),
        ("CONCLUDED", "ar", "وافق مجلس الوزراء على توقيع مذكرة تفاهم لاستقدام العمال"),
    ],
    "a parliament that votes for what was signed ratifies": [
        ("RATIFIED", "en", "Parliament approved the labour agreement, whose signing was in May, by 80 votes."),
    ],
    "who approves without a parliament or cabinet agrees": [
        ("CONCLUDED", "de", "", "164 Staaten stimmen dem Migrationspakt zu"),
        ("RATIFIED", "de", "", "Bundestag stimmt dem Migrationspakt zu"),
    ],
    "trouble around the end of an agreement is not what ends": [
        ("TERMINATED", "en", "The memorandum was terminated. Violence followed at the border."),
        ("SUSPENDED", "en", "The labour agreement was suspended amid a dispute over visas."),
        ("SUSPENDED", "en", "Oslo and Accra: labour accord suspended over row."),
        ("TERMINATED", "en", "Oslo terminated the agreement after violence at the border."),
    ],
    "who ratifies after the signature has ratified": [
        ("RATIFIED", "fr", "Le Sénat a ratifié l'accord après sa signature à Rome."),
        ("RATIFIED", "en", "Parliament ratified the labour pact after its signing in Rome."),
        ("RATIFIED", "en", "The cabinet ratified the labour pact after its signing in Rome."),
    ],
    "a parliament that agrees ratifies": [
        ("RATIFIED", "de", "Das Parlament sagt Ja zum Rücknahmeabkommen mit Ghana."),
        ("RATIFIED", "it", "Il Parlamento dice sì all'intesa sui migranti."),
    ],
    "an act is old with the date of the one within it": [
        ("PROPOSED", "fr", "La Belgique veut un accord de retour. Celui de 2006 n'est plus appliqué depuis 2019."),
    ],
    "who signs what prolongs an agreement prolongs it": [
        ("RENEWED", "en", "They signed a protocol that prolongs the labour agreement by three years."),
    ],
    "a date behind a comma belongs to the act of its clause": [
        ("RATIFIED", "de", "Das Parlament hat dem Abkommen zugestimmt, das beide am 19. Dezember 2022 unterzeichnet haben."),
    ],
    "a passive of the past perfect is background": [
        ("PROPOSED", "de", "Oslo bietet Accra ein Abkommen an. Das Abkommen war im Parlament abgelehnt worden."),
    ],
    "an agreement that meets resistance is not agreed now": [
        ("NEGOTIATING", "ar", "تتواصل المفاوضات بين أوسلو وأكرا. ولاقى الاتفاق على منح التأشيرات مقاومة في البرلمان."),
    ],
    "talks that nobody holds yet and offers are proposals": [
        ("PROPOSED", "fr", "Aucune négociation sur un accord n'a encore été ouverte.", "Frontex à Dakar ?"),
        ("PROPOSED", "fr", "La Norvège propose au Mali de former ses gardes.", "Oslo met une offre sur la table"),
        ("PROPOSED", "en", "No talks on a migration agreement have begun.", "Frontex in Dakar?"),
    ],
    "who talks about a renewal has not renewed": [
        ("NEGOTIATING", "de", "Nun bespricht Bern eine Verlängerung des Abkommens mit China."),
        ("NEGOTIATING", "en", "Oslo and Accra discuss renewing the labour agreement."),
        ("NEGOTIATING", "fr", "Oslo et Dakar discutent de la prolongation de l'accord sur les saisonniers."),
        ("NEGOTIATING", "es", "Madrid y Dakar estudian la prórroga del convenio de temporeros."),
        ("NEGOTIATING", "it", "Roma e Tunisi valutano il rinnovo dell'accordo sui rimpatri."),
        ("NEGOTIATING", "pt", "Lisboa e Praia discutem a renovação do acordo de mobilidade."),
        ("NEGOTIATING", "ar", "يبحث الوزيران تمديد اتفاقية استقدام العمال"),
    ],
    "who takes an accession back ends the agreement": [
        ("TERMINATED", "pt", "O presidente confirma a revogação da adesão ao pacto sobre migração."),
        ("TERMINATED", "es", "El gobierno revoca su adhesión al pacto sobre migración."),
        ("TERMINATED", "en", "Budapest revokes its accession to the migration pact."),
        ("TERMINATED", "fr", "Budapest annule son adhésion au pacte sur les migrations."),
        ("TERMINATED", "it", "Budapest revoca la propria adesione al patto sulle migrazioni."),
        ("TERMINATED", "de", "Budapest widerruft den Beitritt zum Migrationspakt."),
        ("TERMINATED", "ar", "ألغت بودابست انضمامها إلى اتفاق الهجرة"),
    ],
    "people who are escorted home prolong no agreement": [
        ("RENEWED", "fr", "Oslo et Dakar ont reconduit leur accord."),
    ],
    "a partner that refuses a deal has rejected it": [
        ("REJECTED", "en", "", "Coalition shamed by refugee deal refusal"),
    ],
    "a day alone puts nothing in force": [
        ("IN_FORCE", "es", "El convenio se aplica desde hoy."),
    ],
    "who stops taking people back suspends": [
        ("SUSPENDED", "fr", "Alger gèle les laissez-passer consulaires réclamés par Paris."),
        ("SUSPENDED", "fr", "Les consulats ont cessé depuis plusieurs semaines d'établir les documents."),
        ("SUSPENDED", "en", "Baghdad suspends readmissions of its nationals from Finland."),
        ("SUSPENDED", "de", "Bagdad stoppt die Rücknahme und setzt alle Rückführungen aus."),
        ("SUSPENDED", "es", "Caracas suspende las repatriaciones desde Chile."),
        ("SUSPENDED", "it", "Tunisi sospende i rimpatri dalla Sicilia."),
        ("SUSPENDED", "pt", "Caracas suspendeu as readmissões a partir do Brasil."),
        ("SUSPENDED", "ar", "علقت بغداد إعادة القبول من فنلندا"),
    ],
    "talks that end without a result end no agreement": [
        ("NEGOTIATING", "de", "Die Verhandlungen über ein Rückübernahmeabkommen sind am Mittwoch ergebnislos vertagt worden."),
    ],
    "nothing signed beside an offer is an offer": [
        ("PROPOSED", "es", "No se ha firmado documento alguno; los abogados de Oslo y Lima estudiarán la propuesta."),
    ],
    "a gazette that publishes an agreement ratifies it": [
        ("RATIFIED", "fr", "", "Décret portant publication de l'accord entre Oslo et Dakar sur la réadmission"),
        ("RATIFIED", "ar", "", "ظهير شريف بنشر الاتفاق بين أوسلو وداكار بشأن الهجرة"),
        ("RATIFIED", "de", "", "Gesetz zu dem Abkommen zwischen Norwegen und Ghana über Migration"),
    ],
    "a vote that is expected has not been taken": [
        ("SIGNED", "en", "Oslo signed two papers on Tuesday. The parliament's vote on the farm deal is expected soon."),
    ],
    "what was in force for years is background": [
        ("CONCLUDED", "es", "Oslo y Lima acordaron ayer devolver a más personas. Desde 2006 rige un acuerdo."),
    ],
    "who takes nobody back any more suspends and does not refuse": [
        ("SUSPENDED", "de", "Rom nimmt keine Flüchtlinge mehr zurück, die Rücknahme ist vorerst ausgesetzt.", "Rom nimmt keine Flüchtlinge mehr zurück"),
    ],
    "a cabinet that approves a suspension suspends": [
        ("SUSPENDED", "en", "The cabinet approved the suspension of the labour agreement on Thursday."),
    ],
    "what a cabinet lets somebody sign is not ratified": [
        ("CONCLUDED", "en", "The cabinet approved on Tuesday a proposal to sign a labour agreement with Oslo."),
        ("CONCLUDED", "fr", "Le conseil des ministres a approuvé la signature d’un accord migratoire avec Oslo."),
        ("CONCLUDED", "fr", "Le conseil des ministres a approuvé un projet d’accord, qui sera signé en mai."),
        ("CONCLUDED", "es", "El Consejo de Ministros aprobó el acuerdo migratorio, que se firmará en marzo."),
        ("CONCLUDED", "it", "Il Consiglio dei ministri ha approvato lo schema di accordo, che sarà firmato a marzo."),
        ("CONCLUDED", "de", "Das Kabinett hat der Unterzeichnung eines Migrationsabkommens zugestimmt."),
        ("CONCLUDED", "it", "Il Consiglio dei ministri ha approvato la firma di un accordo migratorio con Oslo."),
        ("CONCLUDED", "es", "El Consejo de Ministros aprobó la firma de un acuerdo migratorio con Oslo."),
        ("CONCLUDED", "pt", "O Conselho de Ministros aprovou a assinatura de um acordo de migração com Oslo."),
        ("CONCLUDED", "ar", "وافق مجلس الوزراء على توقيع اتفاق مع أوسلو بشأن الهجرة."),
    ],
    "who asks whether an agreement ended has not ended it": [
        ("CONCLUDED", "en", "The agreement divides Europe.", "Has Ankara torn up the readmission agreement?"),
        ("CONCLUDED", "en", "Columnists argue about the deal.", "Migration deal of 2016 rejected?"),
        ("CONCLUDED", "fr", "L'accord divise toujours.", "L'accord migratoire a-t-il été dénoncé ?"),
        ("CONCLUDED", "ar", "اتفاق الهجرة بين الطرفين.", "هل ألغت أنقرة اتفاق الهجرة؟"),
        ("CONCLUDED", "es", "El acuerdo cumple años.", "¿Ha roto Ankara el acuerdo migratorio?"),
        ("CONCLUDED", "it", "L'accordo divide.", "Ankara ha rotto l'accordo sui migranti?"),
        ("CONCLUDED", "pt", "O acordo faz anos.", "Ancara rompeu o acordo migratório?"),
        ("CONCLUDED", "de", "Das Abkommen spaltet Europa.", "Ist das Flüchtlingsabkommen gescheitert?"),
    ],
    "a parliament that passes the law of an agreement ratifies it": [
        ("RATIFIED", "en", "The Senate on Thursday passed the law ratifying the agreement on migrant centres."),
        ("RATIFIED", "en", "The Senate approved a bill on the readmission agreement."),
        ("RATIFIED", "fr", "Le Sénat a adopté le projet de loi autorisant l'approbation de l'accord."),
        ("RATIFIED", "it", "La Camera ha approvato il disegno di legge di ratifica del protocollo."),
        ("RATIFIED", "de", "Der Bundestag hat dem Gesetz zum Migrationsabkommen zugestimmt."),
    ],
    "a modal before a comma governs no act behind it": [
        ("CONCLUDED", "en", "", "In a bid to curb arrivals, Oslo strikes a deal with Nauru"),
    ],
    "talks that are put off are under way": [
        ("NEGOTIATING", "en", "", "Oslo and Accra suspend talks on the return of migrants"),
    ],
}  # fmt: skip
NOT_READ_AS: dict[str, list[tuple[str, ...]]] = {
    "an open-ended deal has not ended": [
        ("TERMINATED", "en", "Oslo pays for an open-ended deal with Accra."),
    ],
    "what was negotiated is no longer negotiated": [
        ("NEGOTIATING", "en", "The agreement was negotiated during the minister's tour."),
        ("NEGOTIATING", "es", "Los acuerdos se negociaron durante la gira del ministro."),
        ("NEGOTIATING", "pt", "O acordo foi negociado durante a visita do ministro."),
    ],
    "a sign of victory signs nothing": [
        ("SIGNED", "en", "Activists flashed the victory sign as the first people were returned under the pact."),
    ],
    "who ends a crisis ends no agreement": [
        ("TERMINATED", "fr", "", "Lisbonne et Praia : un accord sur les visas pour mettre fin à la crise"),
        ("TERMINATED", "en", "", "Labour accord is to end the dispute between Oslo and Accra"),
        ("TERMINATED", "de", "", "Migrationsabkommen soll den Streit zwischen Oslo und Accra beenden"),
    ],
    "people who are escorted home prolong no agreement": [
        ("RENEWED", "fr", "Les vols de reconduites ont repris.", "Dakar accepte de reprendre ses ressortissants reconduits depuis Mayotte"),
    ],
    "a day alone puts nothing in force": [
        ("IN_FORCE", "es", "Costa Rica es desde hoy el tercer país que recibe a migrantes de otras naciones."),
    ],
    "a day to come puts nothing in force": [
        ("IN_FORCE", "de", "Das Abkommen tritt am 1. Juni in Kraft. Es wurde am 3. Februar 2022 unterzeichnet."),
    ],
    "a hearing alone suspends nothing": [
        ("SUSPENDED", "en", "The High Court on Monday heard a request to suspend the asylum agreement."),
        ("SUSPENDED", "en", "Judges weigh the suspension of the asylum agreement."),
        ("SUSPENDED", "de", "Das Gericht in London verhandelte über die Aussetzung des Abkommens."),
        ("SUSPENDED", "es", "La vista trata de la suspensión del acuerdo de asilo."),
    ],
    "a parliament that passes a law of its own ratifies nothing": [
        ("RATIFIED", "en", "Parliament passed the migration bill, which relies on the deal with Kigali."),
        ("RATIFIED", "en", "The Knesset approved the law on Wednesday despite an agreement with Ramallah."),
        ("RATIFIED", "fr", "L'Assemblée nationale a adopté le projet de loi immigration, qui cite l'accord."),
        ("RATIFIED", "ar", "أقر البرلمان قانون الهجرة الذي يستند إلى الاتفاق مع كيغالي."),
        ("RATIFIED", "es", "El Congreso aprobó el martes la ley de extranjería que cita el acuerdo."),
        ("RATIFIED", "it", "Il Senato ha approvato il decreto flussi, che richiama il protocollo."),
        ("RATIFIED", "pt", "O Parlamento aprovou a lei de estrangeiros, que menciona o acordo."),
        ("RATIFIED", "de", "Der Bundestag hat das Rückführungsgesetz verabschiedet; das Abkommen bleibt."),
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", rows_of(READ_AS))
def test_a_text_has_the_status_that_it_reports(row: tuple[str, ...]) -> None:
    status, language, text, *title = row
    assert _step(text, language, *title).status is Status[status]


@pytest.mark.parametrize("row", rows_of(NOT_READ_AS))
def test_a_text_has_no_status_that_it_only_seems_to_report(row: tuple[str, ...]) -> None:
    status, language, text, *title = row
    assert _step(text, language, *title).status is not Status[status]


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


def test_a_text_without_any_act_has_no_status() -> None:
    assert _step("The beach was quiet and the sea was blue.", "en") == FoundStatus(None)
    assert _step("The minister spoke about fish.", "en", "A minister speaks").status is None


def test_the_cost_of_a_book_of_acts_grows_with_its_length() -> None:
    sentence = (
        "Ghana and Norway signed the agreement of 2010 on 3 May 2010 and suspended the memorandum "
    )
    small, big = (read("", sentence * times, "en", words_alone()) for times in (100, 800))

    def calls(reading: Reading) -> int:
        return calls_of(lambda: find_status(reading, find_clauses(reading, _PUBLISHED)))

    assert find_status(big, find_clauses(big, _PUBLISHED)).status is not None
    assert calls(big) < 16 * calls(small)  # pair by pair it would be 64 times as many


def test_evidence_is_the_words_of_the_act() -> None:
    text = "Les deux ministres ont paraphé jeudi un accord sur les retours."
    (evidence,) = _step(text, "fr").evidence
    assert (evidence.rule, evidence.text) == ("card.status", "paraphé")
    assert text[evidence.start : evidence.end] == evidence.text
