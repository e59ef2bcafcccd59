"""Words are found in the forms in which texts have them."""

from __future__ import annotations

import pytest

from storage.letters import fold_text
from storage.query_words import (
    MOST_CLAUSES,
    clauses_of,
    fold_query,
    occur,
    postgresql_match,
    reading_of,
)

# What is typed, and words that it must find; a word after a bar must not be found.
FORMS = """
en agreement: agreements | agriculture
en agreements: agreement agreements
en migrant: migrants | migraine
en migrants: migrant
en refugees: refugee
en returns: return
en signed: signs signing sign | silent
en ratification: ratifications
en deportations: deportation
en visas: visa | visage
en visa: visas | visage
en workers: worker
en border: borders
en countries: country's countries
en suspended: suspending
en readmission: readmissions
en negotiations: negotiation
fr accords: accord
fr accord: accords | accordéon
fr réadmissions: réadmission
fr signature: signatures
fr migrants: migrant migrante
fr frontières: frontière
fr travailleurs: travailleur
fr visas: visa
fr conventions: convention
fr réfugiés: réfugié
fr expulsions: expulsion
fr négociations: négociation
es acuerdos: acuerdo
es acuerdo: acuerdos
es migrantes: migrante
es fronteras: frontera
es trabajadores: trabajador
es readmisión: readmisiones
es devoluciones: devolución
es convenio: convenios
es firmado: firmada firmados
es refugiados: refugiado refugiada
it accordi: accordo
it accordo: accordi
it migranti: migrante
it frontiere: frontiera
it lavoratori: lavoratore
it firmato: firmata
it rimpatri: rimpatrio
it protocolli: protocollo
it rifugiati: rifugiato
pt acordos: acordo
pt migrantes: migrante
pt fronteiras: fronteira
pt trabalhadores: trabalhador
pt assinado: assinada
pt vistos: visto
pt imigrantes: imigrante
de Abkommens: Abkommen
de Migranten: Migrant
de Grenzen: Grenze
de Abschiebungen: Abschiebung
de Vereinbarungen: Vereinbarung
de Flüchtlinge: Flüchtlingen Flüchtling
de Rücknahmen: Rücknahme
de Verträge: Verträgen
de unterzeichnet: unterzeichnete
ar مهاجرين: المهاجرين والمهاجرين مهاجر المهاجرون للمهاجرين
ar مهاجر: المهاجر والمهاجرين مهاجرون
ar اتفاقية: الاتفاقية اتفاقيات والاتفاقيات
ar اتفاق: الاتفاق باتفاق اتفاقا
ar مذكرة: المذكرة مُذَكِّرَة ومذكرة
ar لاجئين: اللاجئين لاجئ
ar حدود: الحدود بالحدود
ar تأشيرات: التأشيرات تأشيرة
ar عمال: العمال للعمال
ar إعادة: اعادة بإعادة وإعادة
ar اعادة: إعادة
ar والاتفاقية: الاتفاقية اتفاقيات
ar ومذكرات: مذكرة
ar وزير: الوزيران ووزيرة | زيارة
ar دورية: دوريات | دورها
ar لاجئ: اللاجئون | للأجور
en signing: sign signed | significant
en identity: identities
en verify: verified
de Wohnung: Wohnungen
de Botschaft: Botschaften
pt expulsão: expulsões
it visto: visti
fr surveillance: surveillée
""".strip().splitlines()


def _cases() -> list[tuple[str, str, bool]]:
    cases = []
    for line in FORMS:
        typed, _, forms = line[3:].partition(": ")
        found, _, not_found = forms.partition(" | ")
        cases += [(typed, one, True) for one in found.split()]
        cases += [(typed, one, False) for one in not_found.split()]
    return cases


@pytest.mark.parametrize(("typed", "stands", "is_found"), _cases())
def test_a_word_is_found_in_the_forms_of_its_family(
    typed: str, stands: str, is_found: bool
) -> None:
    clauses = clauses_of(fold_query(typed))
    assert occur(clauses, fold_text(f"x {stands} x")) == is_found


@pytest.mark.parametrize("typed", ['"migrants"', '"مهاجرين"'])
def test_a_word_in_quotation_marks_is_found_as_it_is_written(typed: str) -> None:
    clauses = clauses_of(fold_query(typed))
    assert occur(clauses, fold_text(typed))
    assert not occur(clauses, fold_text("migrant مهاجر"))


@pytest.mark.parametrize(
    ("typed", "searched", "left_out"),
    [
        ("accord -Rabat", ("accord", "-Rabat"), ()),
        ("accord & a visa", ("accord", "visa"), ("&", "a")),
        ('"signé à Rabat"', ("signé à Rabat",), ()),
        ('"signé Rabat', ('"signé', "Rabat"), ()),
        ("OR", (), ("OR",)),
        ("Rabat OR Tunis", ("Rabat", "Tunis"), ()),
        ('"" * -', (), ('""', "*", "-")),
        ("", (), ()),
    ],
)
def test_it_is_known_what_of_a_query_is_left_out(
    typed: str, searched: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    assert reading_of(typed) == (searched, left_out)


def test_of_an_endless_query_the_first_words_count() -> None:
    typed = " ".join(f"word{number}" for number in range(1000))
    assert len(clauses_of(fold_query(typed))) == MOST_CLAUSES
    assert len(reading_of(typed)[0]) == MOST_CLAUSES


def test_of_words_with_one_beginning_the_beginning_alone_is_looked_up() -> None:
    clauses = clauses_of('workers visa "work talks" -minister')
    looked_up = postgresql_match(clauses, few=True)
    assert "('worker':*)" in looked_up
    assert "('visas')" in looked_up
    assert "('work' <-> 'talks')" in looked_up
    assert "!(('minist':*))" in looked_up
    assert "'workers'" not in looked_up
    assert "'workers'" in postgresql_match(clauses)
