from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest

from crawler.judgement.judge import load_rules
from crawler.judgement.rules.book import Book, RuleFiles, load_book
from crawler.judgement.rules.check import check, explain
from crawler.judgement.rules.evaluate import RuleOutcome, evaluate
from crawler.judgement.text.grammar import load_grammars
from crawler.judgement.text.reading import read
from crawler.located_yaml import load_yaml
from storage.errors import RuleError
from tests.growth import calls_of

BASE = """
    schema: 1
    sets: {foreign: [state.*]}
    concepts:
      act.sign: {terms: {en: ["sign(s|ed|)"]}}
      paper.deal: {terms: {en: ["deal(s)"]}}
      subject.migrants: {terms: {en: [migrants]}}
      state.FJ: {terms: {en: [Fiji]}}
      state.TO: {terms: {en: [Tonga]}}
      capital.TO.nukualofa: {terms: {en: [Nukualofa]}}
      trap.sport: {terms: {en: [rugby]}}
    rules:
      - id: deals
        threshold: 3
        near_miss: 1
        signals:
          - id: core
            near: [paper.deal, subject.migrants, foreign]
            within: 2 sentences
            weight: 2
            core: true
          - {id: signed, near: [act.sign, paper.deal], within: 2 words, weight: 1}
          - {id: two, all: [{any: [foreign, capital.*], distinct: 2}], weight: 1}
          - {id: often, any: [subject.migrants], weight: 0.5, cap: 1}
        traps:
          - {id: sport, any: [trap.sport], zones: [title], veto: true, unless: [two]}
          - {id: late, any: [paper.deal], zones: [body], weight: -1}
          - {id: games, any: [trap.sport], zones: [body], weight: -1, cap: -2.5}
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(dedent(text), "utf-8")
    return path


def book(folder: Path, *users: str, base: str = BASE) -> Book:
    files = [write(folder, f"user{number}.yaml", text) for number, text in enumerate(users)]
    shipped = write(folder, "pack.yaml", base)
    return load_book(RuleFiles((shipped,), own=tuple(files)), folder / "cache")


def outcome(rules: Book, text: str, title: str = "") -> RuleOutcome | None:
    outcomes = evaluate(rules.rules, read(title, text, "en", rules.lexicon))
    return outcomes[0] if outcomes else None


def fired(rules: Book, text: str, title: str = "") -> dict[str, float]:
    result = outcome(rules, text, title)
    return {one.id: one.weight for one in (*result.signals, *result.traps)} if result else {}


def test_a_core_signal_needs_all_its_elements_close_together(tmp_path: Path) -> None:
    rules = book(tmp_path)
    assert "core" in fired(rules, "Fiji has a deal. It concerns migrants.")
    assert "core" not in fired(rules, "Fiji has a deal. It rains. It concerns migrants.")
    assert outcome(rules, "Fiji has a deal.") is not None
    assert outcome(rules, "It concerns fishing.") is None


def test_words_apart_are_counted(tmp_path: Path) -> None:
    rules = book(tmp_path)
    assert "signed" in fired(rules, "Fiji signed the new deal for migrants.")
    assert "signed" not in fired(rules, "Fiji signed the big new old deal for migrants.")


def test_a_repeated_word_weighs_no_more_than_its_cap(tmp_path: Path) -> None:
    assert fired(book(tmp_path), "A deal for Fiji. " + "Migrants. " * 50)["often"] == 1


def test_a_trap_weighs_more_each_time_up_to_its_cap(tmp_path: Path) -> None:
    lead = "A deal for Fiji on migrants. " + "word " * 70 + ". "
    assert [fired(book(tmp_path), lead + "Rugby. " * times)["games"] for times in (1, 2, 9)] == [
        -1,
        -2,
        -2.5,
    ]


def test_a_state_and_its_capital_are_one_party(tmp_path: Path) -> None:
    rules = book(tmp_path)
    assert "two" not in fired(rules, "Tonga in Nukualofa: a deal on migrants.")
    assert "two" in fired(rules, "Fiji in Nukualofa: a deal on migrants.")


def test_a_veto_holds_unless_its_signal_fired(tmp_path: Path) -> None:
    rules = book(tmp_path)
    vetoed = outcome(rules, "Fiji signed a deal on migrants.", "Rugby news")
    assert vetoed is not None
    assert vetoed.vetoes == ("sport",)
    assert not vetoed.relevant
    assert vetoed.near_miss
    saved = outcome(rules, "Fiji and Tonga signed a deal on migrants.", "Rugby news")
    assert saved is not None
    assert saved.relevant


def test_zones_and_negative_weights(tmp_path: Path) -> None:
    late = "Migrants of Fiji. " + "word " * 70 + ". A deal."
    assert fired(book(tmp_path), late)["late"] == -1


def test_a_score_without_core_is_only_a_near_miss(tmp_path: Path) -> None:
    result = outcome(book(tmp_path), "Fiji. Tonga. They signed a deal. Rain. Rain. Rain. Migrants.")
    assert result is not None
    assert (result.core, result.relevant, result.near_miss) == (False, False, True)


def test_a_user_file_extends_and_disables_without_touching_the_pack(tmp_path: Path) -> None:
    user = """
        schema: 1
        extend:
          concepts: {paper.deal: {terms: {en: [talanoa]}}}
          rules: {deals: {threshold: 2}}
        disable: {signals: [deals/two], terms: {act.sign: {en: ["signed"]}}, traps: [deals/sport]}
    """
    with pytest.raises(RuleError, match="none of these terms is shipped"):
        book(tmp_path, user)
    rules = book(
        tmp_path,
        user.replace('["signed"]', '["sign(s|ed|)"]').replace(", traps: [deals/sport]", ""),
    )
    result = outcome(rules, "Fiji and Tonga signed a talanoa on migrants.")
    assert result is not None
    assert {signal.id for signal in result.signals} == {"core", "often"}
    assert result.relevant


def test_a_disabled_trap_that_others_refer_to_is_gone(tmp_path: Path) -> None:
    rules = book(tmp_path, "schema: 1\ndisable: {traps: [deals/sport]}")
    assert "sport" not in fired(rules, "Fiji signed a deal on migrants.", "Rugby news")


def test_disabled_rules_and_concepts_find_nothing(tmp_path: Path) -> None:
    said = "Fiji signed a deal on migrants."
    assert outcome(book(tmp_path), said) is not None
    assert outcome(book(tmp_path, "schema: 1\ndisable: {rules: [deals]}"), said) is None
    without = book(tmp_path, "schema: 1\ndisable: {concepts: [act.sign, trap.sport]}")
    found = fired(without, said, "Rugby news")
    assert "core" in found
    assert not {"signed", "sport"} & found.keys()


def test_what_a_user_s_file_changes_has_to_be_there(tmp_path: Path) -> None:
    user = """
        schema: 1
        concepts: {paper.deal: {terms: {en: [pact]}}}
        rules:
          - {id: deals, threshold: 1, signals: [{id: s, any: [paper.deal], weight: 1, core: true}]}
        extend: {concepts: {a.b: {terms: {en: [x]}}}, rules: {c: {threshold: 1}, deals: 3}}
        override:
          concepts: {d.e: {terms: {en: [x]}}}
          rules: [{id: f, threshold: 1, signals: [{id: s, any: [x.y], weight: 1, core: true}]}]
        disable: {concepts: [g.h], rules: [i], signals: [deals/j], traps: 4, terms: [k]}
    """
    with pytest.raises(RuleError) as raised:
        book(tmp_path, user, "schema: 1\nextend: [x]", "schema: 1\nrules: [")
    told = str(raised.value)
    for words in [
        "concepts.paper.deal: is shipped already",
        "rules[0].id: rule deals is defined in another file too",
        "extend.concepts.a.b: a.b is not shipped",
        "extend.rules.c: c is not shipped",
        "extend.rules.deals: must be a mapping of what changes",
        "override.concepts.d.e: d.e is not shipped",
        "override.rules: f is not shipped",
        "disable.concepts[0]: g.h is not shipped",
        "disable.rules[0]: i is not shipped",
        "disable.signals[0]: 'deals/j' is not a shipped rule/signal",
        "disable.traps: must be a list of ids",
        "disable.terms: must map ids to what changes",
        "extend: must be a mapping with",
        "user2.yaml:2:9",
    ]:
        assert words in told, (words, told)


def test_a_user_file_overrides(tmp_path: Path) -> None:
    user = """
        schema: 1
        override:
          concepts: {subject.migrants: {terms: {en: [sailors]}}}
          rules:
            - id: deals
              threshold: 1
              signals: [{id: only, near: [subject.migrants, foreign], weight: 1, core: true}]
    """
    rules = book(tmp_path, user)
    assert fired(rules, "Sailors of Fiji.") == {"only": 1}
    assert fired(rules, "Migrants of Fiji.") == {}


def test_all_faults_are_told_at_once_with_their_place(tmp_path: Path) -> None:
    broken = """\
        schema: 1
        colour: blue
        concepts:
          act.sign: {terms: {xx: [a], en: ["s*n", 12]}}
          Bad Id: {terms: {}}
        rules:
          - id: one
            threshold: high
            signals:
              - {id: a, near: [act.sign], within: 3 miles, weight: 1, core: true}
              - {id: a, weight: -1}
              - {id: b, any: [act.sign], within: sentence, weight: 1}
              - {id: c, near: [act.sign], within: 99 sentences, weight: 1}
            traps:
              - {id: t, any: [act.sign], weight: 2, unless: [zz]}
              - {id: u, any: [act.sign], weight: -2, cap: -1}
          - {id: two, threshold: 1, register: maybe, signals: [{id: s, any: [act.sign], weight: 1, core: true}]}
          - {id: two, threshold: 1, signals: [{id: s, any: [act.sign], weight: 1, core: true}]}
    """
    with pytest.raises(RuleError) as raised:
        book(tmp_path, base=broken)
    told = str(raised.value)
    for place, words in [
        (":2:9: colour:", "is not one of"),
        (":4:22: concepts.act.sign.terms.xx:", "is not one of"),
        ("concepts.act.sign.terms.en[0]:", "inside it"),
        ("concepts.act.sign.terms.en[1]:", "a term is text"),
        (":5:3: concepts.Bad Id:", "lower-case"),
        (":8:16: rules[0].threshold:", "is not a number"),
        ("rules[0].signals[0].within:", "3 miles"),
        ("rules[0].signals[1].id:", "stands twice"),
        ("rules[0].traps[0]:", "weight below 0"),
        ("rules[0].traps[0].unless:", "zz is no signal"),
        ("rules[0].traps[1]:", "further below 0"),
        ("rules[0].signals[2].within:", "belongs to `near`"),
        ("rules[0].signals[3].within:", "99 sentences"),
        ("rules[1].register:", "'maybe' is neither true nor false"),
        ("rules[2].id:", "rule two stands twice"),
    ]:
        assert any(place in line and words in line for line in told.splitlines()), (place, told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema: 1\nconcepts: !!python/object:os.system {}", "tags"),
        ("schema: 1\na: &x [1]\nb: *x", "aliases"),
        ("schema: 1\na: &a [*a]", "aliases"),
        ("schema: 1\nschema: 1", "is a duplicate of line 1"),
        ("schema: 1\nconcepts: {a.b: {terms: {fr: [x", "bad YAML"),
        ("[" * 10_000, "nests deeper"),
        ("- 1", "must be a mapping"),
        ("schema: 7", "must be `schema: 1`"),
        ("a: 1\n---\nb: 2", "second document"),
        ("", "must be a mapping"),
    ],
)
def test_hostile_files_are_refused(tmp_path: Path, text: str, said: str) -> None:
    def refuse(text: str, said: str) -> None:
        with pytest.raises(RuleError, match=said):
            load_book(RuleFiles((write(tmp_path, "bad.yaml", text),)), tmp_path / "cache")

    load_grammars(cache_dir=tmp_path / "cache")  # what the languages need is read before
    of_the_shortest = calls_of(partial(refuse, "1", "must be a mapping"))

    # Each level that is opened costs 325 calls more. What grows with the square of the length would
    # cost thousands for each.
    assert calls_of(partial(refuse, text, said)) < 1.5 * of_the_shortest + 1_000 * len(text)


def test_an_alias_bomb_does_not_grow(tmp_path: Path) -> None:
    lines = ["schema: 1", "a0: &a0 [x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)
    ]
    with pytest.raises(RuleError, match="aliases"):
        load_book(RuleFiles((write(tmp_path, "bomb.yaml", "\n".join(lines)),)), tmp_path / "cache")


def test_country_codes_stay_text(tmp_path: Path) -> None:
    source = load_yaml(
        write(tmp_path, "no.yaml", "code: NO\nanswer: true\ncount: 3\nmark: '3'"),
        tmp_path / "cache",
    )
    assert source.data == {"code": "NO", "answer": True, "count": 3, "mark": "3"}


def test_a_compiled_file_comes_from_the_cache_and_keeps_its_places(tmp_path: Path) -> None:
    path, cache = write(tmp_path, "a.yaml", "schema: 1\nx:\n  y: 1"), tmp_path / "cache"
    first = load_yaml(path, cache)
    assert len(list(cache.iterdir())) == 1
    again = load_yaml(path, cache)
    assert again.data == first.data
    assert str(again.problem(("x", "y"), "wrong")).endswith("a.yaml:3:6: x.y: wrong")


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    assert load_yaml(write(tmp_path, "a.yaml", "x: 1"), tmp_path / "cache").data == {"x": 1}


@pytest.mark.parametrize("count", [8_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_many_terms_load(tmp_path: Path, count: int) -> None:
    terms = "\n".join(f"    - word{number} mot" for number in range(count))
    text = f"schema: 1\nlanguage: fr\nconcepts:\n  a.b:\n{terms}\n"
    path = write(tmp_path, "many.yaml", text)
    rules = load_book(RuleFiles((path,)), tmp_path / "cache")
    assert len(read("", "Le word7777 mot.", "fr", rules.lexicon).hits["a.b"]) == 1


def test_check_warns_of_what_does_no_good(tmp_path: Path) -> None:
    user = """
        schema: 1
        concepts:
          a.unused: {terms: {en: [thing]}}
          a.used: {terms: {en: [signed]}}
        rules:
          - id: mine
            threshold: 1
            signals: [{id: s, near: [a.used, nowhere.*], weight: 1, core: true}]
            tests:
              must_match: [{lang: en, title: Signed, text: ""}]
              must_not_match: [{lang: en, title: x, text: y}]
    """
    report = check(
        RuleFiles((write(tmp_path, "pack.yaml", BASE),), own=(write(tmp_path, "user.yaml", user),))
    )
    warned = "\n".join(map(str, report.warnings))
    assert report.problems == ()
    assert "concepts.a.unused: no rule uses it" in warned
    assert "asks for nowhere.*, which no file defines" in warned
    assert [(rule, example.title) for rule, example in report.failed] == [("mine", "Signed")]
    assert report.examples == 2


def test_explain_says_what_was_missing_and_by_how_much(tmp_path: Path) -> None:
    rules = book(tmp_path)
    reading = read("", "Fiji has a deal. Rain. Rain. Migrants.", "en", rules.lexicon)
    told = "\n".join(explain("deals", reading, rules.rules))
    assert "no core signal fired" in told
    assert "core (core): not fired, would weigh +2; all occur, but over 4 sentences, not 2" in told
    assert "signed: not fired, would weigh +1; nothing of act.sign" in told
    assert "two: not fired, would weigh +1; only 1 of 2 different foreign | capital.*" in told
    short = explain(
        "deals", read("", "Fiji: a deal on migrants.", "en", rules.lexicon), rules.rules
    )
    assert short[0] == "deals: score 2.5 of 3: short of the threshold by 0.5"
    with pytest.raises(RuleError, match="there is deals"):
        explain("other", reading, rules.rules)


@pytest.mark.parametrize(
    ("title", "text", "told"),
    [
        ("", "Fiji, Tonga: deal on migrants signed.", "deals: score 4.5 of 3: found"),
        ("", f"Migrants of Fiji. {'word ' * 70}. A deal.", "- late: -1  "),
        ("Rugby", "Fiji: a deal on migrants.", "deals: score 2.5 of 3: vetoed by sport"),
        ("Rugby", "Fiji: a deal on migrants.", "- sport: veto  "),
        ("Rugby", "Fiji and Tonga: a deal on migrants.", "  sport: set aside by two"),
        (
            "",
            "Signed by nobody in this long sentence: a deal.",
            "not within 2 words of one sentence",
        ),
        (
            "",
            "Migrants of Fiji are at sea.",
            "alone: not fired, would weigh +1; subject.migrants stands in it",
        ),
    ],
)
def test_explain_says_what_spoke_for_and_against(
    tmp_path: Path, title: str, text: str, told: str
) -> None:
    alone = "- {id: alone, any: [foreign], absent: [subject.migrants], weight: 1}"
    base = BASE.replace("        traps:", f"          {alone}\n        traps:")
    rules = book(tmp_path, base=base)
    lines = explain("deals", read(title, text, "en", rules.lexicon), rules.rules)
    assert any(told in line for line in lines), lines


def test_the_examples_of_the_documentation_load(tmp_path: Path) -> None:
    text = (Path(__file__).parents[4] / "docs" / "rules.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 3
    files = [write(tmp_path, f"example{n}.yaml", text) for n, text in enumerate(examples)]
    load_rules(files=tuple(files), cache_dir=tmp_path / "cache")


TAKES_IN = """
schema: 1
concepts:
  words.signed: {terms: {en: [inked]}}
  act.sign: {terms: {en: [{concept: words.signed}, signed]}}
"""


def test_a_list_takes_in_that_of_another_concept(tmp_path: Path) -> None:
    book = load_book(RuleFiles((write(tmp_path, "pack.yaml", TAKES_IN),)), tmp_path / "cache")
    assert [term.source for term in book.lexicon.concepts["act.sign"].terms["en"]] == [
        "inked",
        "signed",
    ]
    assert "words.signed" not in book.lexicon.concepts


def test_a_user_s_list_takes_in_shipped_words(tmp_path: Path) -> None:
    own = write(
        tmp_path,
        "own.yaml",
        "schema: 1\nconcepts: {own.ink: {terms: {en: [{concept: words.signed}]}}}",
    )
    shipped = write(tmp_path, "pack.yaml", TAKES_IN)
    book = load_book(RuleFiles((shipped,), own=(own,)), tmp_path / "cache")
    assert [term.source for term in book.lexicon.concepts["own.ink"].terms["en"]] == ["inked"]


@pytest.mark.parametrize(
    ("concepts", "said"),
    [
        ("{a.b: {terms: {en: [{concept: x.y}]}}}", "no concept 'x.y' with terms in en"),
        ("{a.b: {terms: {en: [{concept: a.b}]}}}", "takes in 'a.b', which takes in this one"),
        (
            "{a.b: {terms: {en: [{concept: c.d}]}}, c.d: {terms: {en: [{concept: a.b}]}}}",
            "takes in 'a.b', which takes in this one",
        ),
        ("{a.b: {terms: {en: [{concept: c.d, case: true}]}}}", "case: is not one of concept"),
    ],
)
def test_a_list_that_cannot_be_taken_in_is_a_fault(
    tmp_path: Path, concepts: str, said: str
) -> None:
    path = write(tmp_path, "pack.yaml", f"schema: 1\nconcepts: {concepts}")
    with pytest.raises(RuleError, match=said):
        load_book(RuleFiles((path,)), tmp_path / "cache")


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ("[ink a deal, (ink|sign) a deal]", "'ink a deal' stands in"),
        ("[Cédé à, cede a]", "'cede a' stands in"),
        ("[sign ... deal, sign ... deal]", "'sign ... deal' stands twice"),
        ("[{term: MoU, case: true}, {term: MoU, case: true}]", "'MoU' stands twice"),
        ("[signed, signed]", "'signed' stands twice"),
    ],
)
def test_a_term_that_repeats_is_warned_of(tmp_path: Path, terms: str, told: str) -> None:
    own = write(tmp_path, "own.yaml", f"schema: 1\nconcepts: {{own.x: {{terms: {{en: {terms}}}}}}}")
    assert any(told in str(warning) for warning in check(RuleFiles(own=(own,))).warnings)
