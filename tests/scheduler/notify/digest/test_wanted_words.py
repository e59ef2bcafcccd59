"""A subscription's words are found however they are written: capitals, accents and Arabic forms
make no difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.records import Judged
from tests.scheduler.given_digests import collect, configured, opened
from tests.storage.given import NOW, judged

ROME = judged(
    title="À Rome, un accord de réadmission", text="Les deux ministres l'ont signé.", language="fr"
)
ARABIC = judged(
    title="توقيع مُذَكِّرَة تفاهم", text="وقع الوزيران مذكرة بشأن إعادة المهاجرين.", language="ar"
)


@pytest.mark.parametrize(
    ("words", "document"),
    [
        ("Rome", ROME),
        ("rome", ROME),
        ("réadmission", ROME),
        ("RÉADMISSION", ROME),
        ("Réadm*", ROME),
        ('"Accord de Réadmission"', ROME),
        ("مذكرة", ARABIC),
        ("مُذَكِّرَة", ARABIC),
        ("اعادة", ARABIC),
    ],
)
def test_words_are_folded_as_texts_are(tmp_path: Path, words: str, document: Judged) -> None:
    chosen = configured(
        tmp_path,
        f"subscriptions:\n  - {{id: words, channels: [file], filter: {{query: '{words}'}}}}\n",
    )
    database = opened(chosen)
    assert collect(database, chosen, document, now=NOW).pending == 1
    database.close()


@pytest.mark.parametrize("words", ["Tunis", '"Réadmission de Rome"', "?!"])
def test_other_words_are_not_found(tmp_path: Path, words: str) -> None:
    chosen = configured(
        tmp_path,
        f"subscriptions:\n  - {{id: words, channels: [file], filter: {{query: '{words}'}}}}\n",
    )
    database = opened(chosen)
    assert collect(database, chosen, ROME, now=NOW).pending == 0
    database.close()
