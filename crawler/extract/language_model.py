"""The model of py3langid, unpacked once into a file that all processes map.

The package unpacks 70 MB of arrays in each process, which takes half a second. This is the only
module that imports it.
"""

from __future__ import annotations

from array import array
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # it ships no types

from crawler import disk_cache

_PACKAGE = "py3langid"
# Types of stdlib arrays
_ROW: Final = "H"
_BASE: Final = "I"
_FEATURE: Final = "i"


def load_identifier() -> LanguageIdentifier:
    """Return the identifier, with arrays that are mapped from the user's cache folder if kept
    there.
    """
    try:
        folder = disk_cache.user_cache_dir() / "languages"
    except RuntimeError:  # no home directory: nothing is kept
        return LanguageIdentifier.from_model_file(MODEL_FILE)
    code = Path(__file__).read_bytes()
    name = disk_cache.name_of([code, np.__version__.encode(), version(_PACKAGE).encode()])
    cached = disk_cache.restored(folder, name, _restored)
    if cached is not None:
        return cached
    built = LanguageIdentifier.from_model_file(MODEL_FILE)
    state, blocks = _taken_apart(built)
    disk_cache.keep(folder, name, state, blocks=blocks)
    return disk_cache.restored(folder, name, _restored) or built  # what was built takes 80 MB


def _taken_apart(built: Any) -> tuple[dict[str, Any], list[memoryview]]:
    """Return what is small, in plain types, and the large arrays."""
    weights = np.ascontiguousarray(built.nb_ptc)
    moves = memoryview(built.tk_nextmove)
    state = {
        "weights": (weights.dtype.str, weights.shape),
        "classes": built.nb_classes,
        "priors": (built.nb_pc.dtype.str, built.nb_pc.tobytes()),
        "moves": moves.format,
        "rows": array(_ROW, built.tk_row).tobytes(),
    }
    # As lists of integers, these two took 8 MB, of which a lookup makes pages a process's own.
    of_states = (
        memoryview(array(_BASE, built._rowbase)),
        memoryview(array(_FEATURE, built.tk_output)),
    )
    return state, [weights.data, moves, *(one.cast("B") for one in of_states)]


def _restored(found: disk_cache.Kept) -> LanguageIdentifier:
    state = found.value(0)
    weights, moves, bases, features = found.blocks
    dtype, shape = state["weights"]
    rows = array(_ROW)
    rows.frombytes(state["rows"])
    identifier = LanguageIdentifier(
        np.frombuffer(weights, np.dtype(dtype)).reshape(shape),
        np.frombuffer(state["priors"][1], np.dtype(state["priors"][0])),
        state["classes"],
        moves.cast(state["moves"]),
        features.cast(_FEATURE),
        tk_row=(),
    )
    identifier.tk_row, identifier._rowbase = rows, bases.cast(_BASE)
    return identifier
