"""Charts of counts, drawn by pygal (its home) and, as PNG, by resvg.

On the page a chart takes its colours from the style sheet; as a file it carries that sheet with it,
with its title, what was filtered, and where it is from. Arabic reads from right to left: the whole
drawing is mirrored, and each text turned back.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import resvg_py
from lxml import etree  # type: ignore[import-untyped]  # no stubs that fit lxml 6

_SHEET = Path(__file__).parents[1] / "static" / "chart.css"
SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
WIDTH = 960
MOST_SERIES = 10  # colours that can be told apart
_HEIGHT, _LANE, _AXIS = 340, 26, 40
_LETTER = 6.6  # px that a letter of 12 px takes at most
_LONGEST = 34  # letters of a label
_NAMES = 220  # px for the names of rows
_LABEL_LETTER, _GAP = 8, 12  # px of a letter of the labels of periods, and between two of them
_PLOT = 880  # px of a chart without the numbers at its edge
_HEAD, _LINE, _MARGIN = 44, 18, 16
_WIDEST = 130  # letters of a line
# The classes of pygal that our style sheet knows; "bar" means something else there.
_STYLED = re.compile(r"axis|x|y|guides|line|background|centered|horizontal|(color|heat|on)-\d+")
_SCALE = 2  # dots of a PNG for each px, so that it can be printed


_OPTIONS: dict[str, Any] = {
    **{"width": WIDTH, "js": [], "css": [], "margin": 4, "spacing": 6, "dots_size": 3},
    **{"show_legend": False, "no_prefix": True, "disable_xml_declaration": True},
    **{"print_values": False, "include_x_axis": True, "max_scale": 6, "order_min": 0},
    "no_data_text": "",  # the page says it in the reader's language
    "formatter": lambda value: f"{value:g}",
}
# The name of a series, and for each row its value, a sentence and an address.
Series = tuple[str, Sequence[tuple[float | None, str, str]]]


def on_page(plot: Any) -> str:
    """A drawing for the page, as SVG without styles of its own."""
    plot.set("aria-hidden", "true")  # the table says the same
    plot.set("focusable", "false")
    return str(etree.tostring(plot, encoding="unicode"))


class Picture(NamedTuple):
    """A chart or a map that becomes a file: what it is of, its title, the names of its colours by
    their classes, and the page that shows it.
    """

    what: str
    title: str
    plot: Any
    names: Mapping[str, str]
    path: str


def framed(picture: Picture, direction: str, subtitle: str, origin: str) -> str:
    """A picture as a file, with its style sheet: `subtitle` stands below the title, and `origin` at
    the foot.
    """
    _, title, plot, names, _ = picture
    *_, wide, high = map(int, plot.get("viewBox").split())
    height = WIDTH * high // wide
    below, foot, legend = _lines(subtitle), _lines(origin), list(_legend(names))
    top = _HEAD + _LINE * len(below) + (_LINE + 8) * len(legend)
    size = (WIDTH + 2 * _MARGIN, top + height + _LINE * (2 + len(foot)))
    is_rtl = direction == "rtl"
    whole = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
    about = {"viewBox": f"0 0 {size[0]} {size[1]}", "width": size[0], "height": size[1]}
    about |= {"class": "chart file", "role": "img", "aria-labelledby": "chart-title chart-desc"}
    for name, value in about.items():
        whole.set(name, str(value))
    for name, text in (("title", title), ("desc", f"{subtitle}. {origin}")):
        element(whole, name, text, id=f"chart-{name}")
    element(whole, "style", _own_sheet())
    element(whole, "rect", width="100%", height="100%", **{"class": "ground"})

    def write(text: str, x: int, y: int, kind: str = "line") -> None:
        # Arabic is written within a line that begins at the right, whatever it begins with.
        shown = f"\u2067{text}\u2069" if is_rtl else text
        at = size[0] - _MARGIN - x if is_rtl else _MARGIN + x
        element(whole, "text", shown, x=at, y=y, **{"class": f"{kind}{' rtl' * is_rtl}"})

    write(title, 0, 28, "line name")
    for place, text in enumerate(below, 1):
        write(text, 0, 28 + _LINE * place)
    y = _HEAD + _LINE * len(below)
    for row in legend:
        for colour, x, text in row:
            square = size[0] - _MARGIN - x - 12 if is_rtl else _MARGIN + x
            element(whole, "rect", x=square, y=y, width=12, height=12, **{"class": colour})
            write(text, x + 18, y + 11)
        y += _LINE + 8
    for name, at in (("x", _MARGIN), ("y", top), ("width", WIDTH), ("height", height)):
        plot.set(name, str(at))
    whole.append(plot)
    for place, text in enumerate(foot, 1):
        write(text, 0, top + height + _LINE * place + 8)
    for link in whole.iter(f"{{{SVG}}}a"):  # a file leads nowhere
        link.tag = f"{{{SVG}}}g"
        link.attrib.clear()
    return str(etree.tostring(whole, encoding="unicode"))


def _lines(text: str) -> list[str]:
    """Lines that fit; one long word, such as an address, is broken."""
    return textwrap.wrap(text, _WIDEST)


def as_png(svg: str) -> bytes:
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, zoom=_SCALE, sans_serif_family="DejaVu Sans")
    )


def drawing(
    kind: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    is_stacked: bool,
    is_long: bool,
) -> Any:
    """The chart of these rows and series as SVG. `kind` is bars, lines or heat; `is_stacked`: bars
    stand on each other; `is_long`: rows are names, which stand below each other.
    """
    pygal = _library()
    is_flat = kind == "bars" and is_long
    height, options = _HEIGHT, dict[str, Any]()
    if is_flat:
        each = 1 if is_stacked else len(series)
        height = _AXIS + len(labels) * max(_LANE, 14 * each + 8)
    elif kind == "heat":
        if is_long and series[0][0]:  # names stand below each other
            labels, series = _transposed(labels, series)
        width = max(6, int((WIDTH - _NAMES) / max(1, len(labels)) / 7.5))  # letters of 13 px
        lines = 1 if not is_long else max(len(_wrapped(label, width)) for label in labels)
        height = _AXIS + (_LANE + 4) * len(series) + _LINE * (lines - 1)
        options |= {"truncate_label": -1, "margin_bottom": 4 + _LINE * (lines - 1)}
    bars = ("Horizontal" if is_flat else "") + ("StackedBar" if is_stacked else "Bar")
    made = {"bars": getattr(pygal, bars), "lines": pygal.Line, "heat": _heat()}[kind]
    # pygal draws horizontal bars from the last to the first.
    labels, turned = [_cut(label) for label in labels], slice(None, None, -1 if is_flat else 1)
    longest = max(map(len, labels), default=0)
    every = 1 if is_flat else ceil(len(labels) * (longest * _LABEL_LETTER + _GAP) / _PLOT)
    if not is_long:
        options["truncate_label"] = -1  # else pygal cuts "1998" to "19…" where ticks stand close
    if every > 1 and not is_long:
        options["x_labels_major_every"], options["show_minor_x_labels"] = every, False
    style = pygal.style.Style(label_font_size=13, major_label_font_size=13)  # to leave room
    chart = made(height=height, style=style, **_OPTIONS, **options)
    chart.x_labels = labels[turned]
    for name, values in series:
        points = [
            None if value is None else {"value": value, "label": text, "xlink": address or None}
            for value, text, address in values
        ]
        chart.add(_cut(name), points[turned])
    svg = _tidied(etree.fromstring(chart.render()))
    if kind == "heat" and is_long:
        _wrap_names(svg, width)
    else:
        _say_far(svg)
    return svg


def _say_far(svg: Any) -> None:
    """Write the numbers of the scale at the other end of their lines, too, where a phone begins."""
    for path in svg.iterfind(f".//{{{SVG}}}g[@class='axis y']/{{{SVG}}}g/{{{SVG}}}path"):
        end, text = re.search(r"h([\d.]+)", path.get("d", "")), path.getnext()
        if end and text is not None and text.text:
            at = {"x": float(end[1]), "y": float(text.get("y")) - 8}
            element(path.getparent(), "text", text.text, **at, **{"class": "far"})


def coloured(svg: Any, colours: Sequence[str]) -> None:
    """Give the series of a drawing these classes, in their order."""
    for node in svg.iter():
        number = re.search(r"\bcolor-(\d+)\b", node.get("class", ""))
        if number and int(number[1]) < len(colours):
            node.set("class", node.get("class").replace(number[0], colours[int(number[1])]))


def hatch(svg: Any, sentences: Collection[str]) -> None:
    """Hatch the bars that say these sentences: what they count has not ended yet."""
    bars = [one.getparent() for one in svg.iter(f"{{{SVG}}}title") if one.text in sentences]
    if not bars:
        return
    pattern = element(element(svg, "defs"), "pattern", id="so-far", width=6, height=6)
    pattern.set("patternUnits", "userSpaceOnUse")
    pattern.set("patternTransform", "rotate(45)")
    element(pattern, "rect", width=3, height=6, **{"class": "hatch"})
    for bar in bars:
        for rect in list(bar.iter(f"{{{SVG}}}rect")):
            over = dict(rect.attrib) | {"class": "hatched", "fill": "url(#so-far)"}
            rect.addnext(etree.Element(f"{{{SVG}}}rect", over))


def _transposed(
    labels: Sequence[str], series: Sequence[Series]
) -> tuple[Sequence[str], Sequence[Series]]:
    turned = [
        (label, [values[place] for _, values in series]) for place, label in enumerate(labels)
    ]
    return [name for name, _ in series], turned


@cache
def _library() -> Any:
    """pygal, without the finder of modules that it leaves behind for maps, in the way of imports
    everywhere else.
    """
    import pygal

    sys.meta_path[:] = [
        protocol for protocol in sys.meta_path if type(protocol).__name__ != "PluginImportFixer"
    ]
    return pygal


@cache
def _heat() -> Any:
    """pygal's chart of dots, with fields that are shaded in the place of dots."""
    pygal = _library()
    decorate = pygal.util.decorate

    class Heat(pygal.Dot):  # type: ignore[misc, name-defined]  # pygal brings no types
        def dot(self, serie: Any, r_max: float) -> None:
            plot = self.svg.serie(serie)["plot"]
            width = self.view.x(1) - self.view.x(0)
            height = abs(self.view.y(1) - self.view.y(0))
            for place, value in enumerate(serie.values):
                if not value:
                    continue
                x, y = self.view(serie.points[place])
                shade = min(5, 1 + int(5 * value / (self._max or 1)))
                group = decorate(self.svg, self.svg.node(plot, "g"), serie.metadata.get(place))
                at = {"x": x - width / 2 + 1, "y": y - height / 2 + 1}
                size = {"width": max(1, width - 2), "height": max(1, height - 2)}
                self.svg.node(group, "rect", class_=f"heat-{shade}", **at, **size)
                text = self.svg.node(group, "text", x=x, y=y + 4, class_=f"centered on-{shade}")
                text.text = f"{value:g}" if width > 26 else ""

    return Heat


def _tidied(svg: Any) -> Any:
    """The drawing without the styles, scripts and words of pygal; each bar with its sentence as a
    title.
    """
    for node in list(svg.iter()):
        if not isinstance(node.tag, str) or etree.QName(node).localname in ("defs", "title"):
            node.getparent().remove(node)
    for node in list(svg.iter(f"{{{SVG}}}desc")):
        parent = node.getparent()
        if node.get("class") == "label":
            element(parent, "title", node.text)
        parent.remove(node)
    for link in svg.iter(f"{{{SVG}}}a"):
        address = link.attrib.pop(_XLINK, "")
        link.attrib.clear()
        link.set("href", address)
        link.set("tabindex", "-1")
    for node in svg.iter():
        node.attrib.pop("style", None)  # which the page forbids
        classes = [one for one in node.attrib.pop("class", "").split() if _STYLED.fullmatch(one)]
        if classes:
            node.set("class", " ".join(classes))
    svg.attrib.pop("id", None)
    svg.set("class", "chart")
    return svg


def _wrap_names(svg: Any, width: int) -> None:
    """Break the names below the columns into lines of so many letters, where they have spaces."""
    for text in list(svg.iter(f"{{{SVG}}}text")):
        if text.getparent().getparent().get("class") == "axis x":
            first, *others = _wrapped(text.text or "", width)
            text.text = first
            for place, line in enumerate(others, 1):
                below = dict(text.attrib) | {"y": float(text.get("y")) + place * _LINE}
                element(text.getparent(), "text", line, **below)


def _wrapped(name: str, width: int) -> list[str]:
    return textwrap.wrap(name, width, break_long_words=False) or [""]


def mirrored(svg: Any) -> Any:
    """The drawing from right to left, but for its letters."""
    graph = svg.find(f"{{{SVG}}}g")
    graph.set("transform", f"matrix(-1 0 0 1 {WIDTH} 0)")
    for text in graph.iter(f"{{{SVG}}}text"):
        x = float(text.get("x", "0"))
        text.set("transform", f"matrix(-1 0 0 1 {2 * x} 0)")
        text.set("class", f"{text.get('class', '')} mirrored".strip())
    return svg


def _legend(names: Mapping[str, str]) -> Iterable[list[tuple[str, int, str]]]:
    """Lines of (class, x, name), as many in each as have room."""
    row, x = list[tuple[str, int, str]](), 0
    for colour, name in names.items():
        wide = 34 + int(len(name) * (_LETTER + 1))
        if row and x + wide > WIDTH:
            yield row
            row, x = [], 0
        row.append((colour, x, name))
        x += wide
    if row:
        yield row


def element(parent: Any, name: str, text: str = "", **attributes: object) -> Any:
    """An element of SVG within another one."""
    node = etree.SubElement(parent, f"{{{SVG}}}{name}")
    for key, value in attributes.items():
        node.set(key, str(value))
    node.text = text or None
    return node


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@cache
def _own_sheet() -> str:
    """The style sheet of charts in its light colours: a file has no page that defines them."""
    sheet = _SHEET.read_text("utf-8").partition("@media")[0]
    colours = dict(re.findall(r"(--[a-z0-9-]+): ([^;]+);", sheet))
    sheet = sheet.partition("}\n")[2]  # behind the colours
    return re.sub(r"var\((--[a-z0-9-]+)\)", lambda match: colours[match[1]], sheet)
