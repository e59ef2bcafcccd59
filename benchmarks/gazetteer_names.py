"""List the names of states that CLDR knows and the gazetteer does not find, by language.

    python benchmarks/gazetteer_names.py

The names that the gazetteer leaves out on purpose stand in its README; what else appears here is a
gap.
"""

from __future__ import annotations

from babel import Locale

from crawler.judgement.card.tables import GAZETTEER
from crawler.judgement.text.concepts import load_lexicon
from crawler.judgement.text.reading import read
from storage.languages import LANGUAGES


def main() -> None:
    lexicon = load_lexicon(sorted(GAZETTEER.glob("*.yaml")))
    known = {concept.split(".")[1] for concept in lexicon.concepts if concept.startswith("state.")}
    for code in sorted(known):
        for language in LANGUAGES:
            name = Locale(language).territories.get(code, "")
            hits = read("", name, language, lexicon).hits
            if not any(concept.split(".")[1] == code for concept in hits if "." in concept):
                print(f"{code} {language}: {name}")


if __name__ == "__main__":
    main()
