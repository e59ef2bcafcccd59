"""A subscription's words are found however they are written: capitals, accents and Arabic forms
make no difference.
"""

from __future__ import annotations

from contextlib import closing
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
    ("words", "document", "pending"),
    [
        ("Rome", ROME, 1),
        ("rome", ROME, 1),
        ("réadmission", ROME, 1),
        ("RÉADMISSION", ROME, 1),
        ("Réadm*", ROME, 1),
        ('"Accord de Réadmission"', ROME, 1),
        ("مذكرة", ARABIC, 1),
        ("مُذَكِّرَة", ARABIC, 1),
        ("اعادة", ARABIC, 1),
        ("Tunis", ROME, 0),
        ('"Réadmission de Rome"', ROME, 0),
        ("?!", ROME, 0),
    ],
)
def test_words_are_folded_as_texts_are_and_others_find_nothing(
    tmp_path: Path, words: str, document: Judged, pending: int
) -> None:
    chosen = configured(
        tmp_path,
        f"subscriptions:\n  - {{id: words, channels: [file], filter: {{query: '{words}'}}}}\n",
    )
    with closing(opened(chosen)) as database:
        assert collect(database, chosen, document, now=NOW).pending == pending
