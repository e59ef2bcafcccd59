"""PDF files that were made to keep a reader busy for ever, or to fill its memory."""

from __future__ import annotations

import zlib
from collections.abc import Callable

_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources 5 0 R>>"
_FONTS = b"<</Font<</F <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
_TEXT = b"BT /F 12 Tf 20 100 Td (Communique) Tj ET"


def _stream(body: bytes, more: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (more, len(body), body)


def _packed(body: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        body = zlib.compress(body, 1)
    return _stream(body, b"/Filter[%s]" % (b"/FlateDecode" * times))


def _file(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Objects numbered from 1, of which the first is the catalog."""
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (size, trailer, len(body))
    return body + head + table + end


def plain() -> bytes:
    return _file(_CATALOG, _PAGES, _PAGE, _stream(_TEXT), _FONTS)


def deep_arrays() -> bytes:
    return _file(_CATALOG, _PAGES, _PAGE, _stream(_TEXT), b"[" * 200_000 + b"]" * 200_000)


def deep_dictionaries() -> bytes:
    return _file(_CATALOG, _PAGES, _PAGE, _stream(_TEXT), b"<</A" * 100_000 + b">>" * 100_000)


def tree_of_pages() -> bytes:
    depth = 3_000
    nodes = [
        b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>" % (number - 1, number + 1)
        for number in range(3, depth)
    ]
    return _file(_CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", *nodes, _PAGE)


def tree_that_bites_its_tail() -> bytes:
    return _file(_CATALOG, b"<</Type/Pages/Kids[2 0 R 2 0 R 2 0 R]/Count 1000000>>")


def packed_text() -> bytes:
    """Fifty megabytes of drawing that were packed twice, into a kilobyte."""
    return _file(_CATALOG, _PAGES, _PAGE, _packed(b"q " * 25_000_000, 2), _FONTS)


def packed_letters() -> bytes:
    return _file(_CATALOG, _PAGES, _PAGE, _packed(_TEXT * 500_000, 2), _FONTS)


def form_that_draws_itself() -> bytes:
    form = _stream(b"/X Do /X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources 5 0 R")
    resources = b"<</XObject<</X 6 0 R>>/Font<</F <</Type/Font/Subtype/Type1>>>>>>"
    return _file(_CATALOG, _PAGES, _PAGE, _stream(b"/X Do " + _TEXT), resources, form)


def forms_that_double() -> bytes:
    """Thirty forms, each of which draws the next one twice."""
    forms = [
        _stream(
            b"/X Do /X Do",
            b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (number + 1),
        )
        for number in range(6, 36)
    ]  # fmt: skip
    last = _stream(_TEXT, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F <<>>>>>>")
    resources = b"<</XObject<</X 6 0 R>>>>"
    return _file(_CATALOG, _PAGES, _PAGE, _stream(b"/X Do"), resources, *forms, last)


def stream_of_objects_within_itself() -> bytes:
    objects = zlib.compress(b"4 0 5 2 6 4 7 6 " + b"[] " * 10)
    more = b"/Type/ObjStm/N 4/First 16/Extends 6 0 R/Filter/FlateDecode"
    return _file(_CATALOG, _PAGES, _PAGE, b"6 0 R", b"6 0 R", _stream(objects, more))


def length_of_itself() -> bytes:
    stream = b"<</Length 4 0 R>>stream\n" + _TEXT + b"\nendstream"
    return _file(_CATALOG, _PAGES, _PAGE, stream, _FONTS)


def tables_in_a_circle() -> bytes:
    body = plain()
    place = body.index(b"xref\n")
    return body.replace(b"/Root", b"/Prev %d/Root" % place)


def a_rubble_of_objects() -> bytes:
    return plain()[:-200] + b"9 0 obj\n" * 200_000 + b"trailer<</Root 1 0 R>>"


# Read, or refused, at once.
ODD: tuple[Callable[[], bytes], ...] = (
    deep_arrays,
    deep_dictionaries,
    tree_of_pages,
    tree_that_bites_its_tail,
    stream_of_objects_within_itself,
    length_of_itself,
    tables_in_a_circle,
    a_rubble_of_objects,
)
# Each keeps PDFium busy for minutes.
ENDLESS: tuple[Callable[[], bytes], ...] = (
    packed_text,
    packed_letters,
    form_that_draws_itself,
    forms_that_double,
)
