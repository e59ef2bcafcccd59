"""How often ordinary news has the forms of our terms: "deal" says little, "readmission agreement"
says much.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log
from pathlib import Path

FREQUENCIES_FILE = "frequencies.json"  # in the folder of a language
# natural logarithm: a form that one ordinary document in 3,000 has is as telling as a rarer one
_MOST = 8.0
# Added to each language's count, so that a small collection is not believed too much.
_PRIOR_DOCUMENTS = 200
_PRIOR_SHARE = 1 / 3000


@dataclass(frozen=True, slots=True)
class Frequencies:
    """`documents`: ordinary documents counted, by language. `having`: language -> folded form ->
    how many have it.
    """

    documents: Mapping[str, int] = field(default_factory=dict)
    having: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def telling(self, language: str, form: str) -> float:
        """How much a form tells, from 0 (in every document) to 1 (in one of 3,000, or rarer).

        The inverse document frequency of information retrieval, capped and scaled. A language that
        was never counted gives 1 for every form.
        """
        documents = self.documents.get(language, 0)
        if not documents:
            return 1.0
        having = self.having.get(language, {}).get(form, 0)
        share = (having + _PRIOR_DOCUMENTS * _PRIOR_SHARE) / (documents + _PRIOR_DOCUMENTS)
        return min(-log(share), _MOST) / _MOST


def load_frequencies(folders: Iterable[Path]) -> Frequencies:
    """From the `frequencies.json` of each language's folder; a folder without one is passed
    over.
    """
    documents: dict[str, int] = {}
    having: dict[str, dict[str, int]] = {}
    for folder in folders:
        path = folder / FREQUENCIES_FILE
        if path.is_file():
            counted = json.loads(path.read_text(encoding="utf-8"))
            documents[folder.name] = counted["documents"]
            having[folder.name] = counted["forms"]
    return Frequencies(documents, having)


def save_frequencies(frequencies: Frequencies, folder: Path, language: str) -> None:
    """Write the table of one language, a form a line; forms that tell as much as unseen ones are
    left out.
    """
    documents = frequencies.documents[language]
    least = documents * _PRIOR_SHARE
    forms = {
        form: count
        for form, count in sorted(frequencies.having[language].items())
        if count >= max(least, 2)
    }
    table = {"documents": documents, "forms": forms}
    text = json.dumps(table, ensure_ascii=False, indent=0)
    (folder / FREQUENCIES_FILE).write_text(text + "\n", encoding="utf-8")
