"""The model of py3langid, unpacked once into a file that all processes map.

The package unpacks 70 MB of arrays in each process, which takes half a second. This is the only
module that imports it.
"""

from __future__ import annotations

import logging
from array import array
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # it ships no types

from crawler import kept

_LOG = logging.getLogger(__name__)
_PACKAGE = "py3langid"
_ROW, _FEATURE = "H", "i"  # types of stdlib arrays


def load_identifier() -> LanguageIdentifier:
    """Return the identifier, with arrays that are mapped from the user's cache folder if it was
    kept there.
    """
    try:
        folder = kept.user_cache_dir() / "languages"
    except RuntimeError:  # no home directory: nothing is kept
        return LanguageIdentifier.from_model_file(MODEL_FILE)
    code = Path(__file__).read_bytes()
    name = kept.name_of([code, np.__version__.encode(), version(_PACKAGE).encode()])
    found = kept.find(folder, name)
    if found is not None:
        try:
            return _restored(found)
        except Exception as error:  # a pickle that is not ours can raise anything
            _LOG.debug("%s/%s is not used, but built anew: %s", folder, name, error)
    built = LanguageIdentifier.from_model_file(MODEL_FILE)
    state, blocks = _taken_apart(built)
    kept.keep(folder, name, state, blocks=blocks)
    return built


def _taken_apart(built: Any) -> tuple[dict[str, Any], list[memoryview]]:
    """Return what is small, in plain types, and the two large arrays."""
    weights = np.ascontiguousarray(built.nb_ptc)
    moves = memoryview(built.tk_nextmove)
    state = {
        "weights": (weights.dtype.str, weights.shape),
        "classes": built.nb_classes,
        "priors": (built.nb_pc.dtype.str, built.nb_pc.tobytes()),
        "moves": moves.format,
        "rows": array(_ROW, built.tk_row).tobytes(),
        "features": array(_FEATURE, built.tk_output).tobytes(),
    }
    return state, [weights.data, moves]


def _restored(found: kept.Kept) -> LanguageIdentifier:
    state = found.value(0)
    weights, moves = found.blocks
    dtype, shape = state["weights"]
    rows, features = array(_ROW), array(_FEATURE)
    rows.frombytes(state["rows"])
    features.frombytes(state["features"])
    return LanguageIdentifier(
        np.frombuffer(weights, np.dtype(dtype)).reshape(shape),
        np.frombuffer(state["priors"][1], np.dtype(state["priors"][0])),
        state["classes"],
        moves.cast(state["moves"]),
        features.tolist(),
        tk_row=rows,
    )
