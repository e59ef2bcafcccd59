"""Articles for sites that are made up: each sentence stands in one article of one site, so a text
tells its origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2026, 3, 2)

TOWNS = (
    "Arvell",
    "Brontes",
    "Calvera",
    "Dunmoor",
    "Estrany",
    "Fjelby",
    "Grauhof",
    "Hvidsten",
    "Isolde",
    "Jarrow Bay",
)
THINGS = (
    "harbour wall",
    "night bus",
    "school roof",
    "water tower",
    "market hall",
    "footbridge",
    "archive",
    "fish market",
)

SENTENCES = {
    "en": (
        "The council of {town} voted on Tuesday to repair the {thing} before winter.",
        "Work on the {thing} in {town} is to take {n} weeks and to begin once the tenders are in.",
        "Residents of {town} had asked for the {thing} to be put in order for {n} years.",
    ),
    "fr": (
        "Le conseil de {town} a voté mardi la remise en état de l'ouvrage dit « {thing} » avant l'hiver.",
        "Le chantier de {town}, consacré au « {thing} », durera {n} semaines après l'ouverture des plis.",
        "Les habitants de {town} réclamaient depuis {n} ans que le « {thing} » soit remis en ordre.",
    ),
    "es": (
        "El pleno de {town} aprobó el martes arreglar la obra llamada «{thing}» antes del invierno.",
        "Los trabajos de {town} en «{thing}» durarán {n} semanas una vez abiertas las ofertas.",
        "Los vecinos de {town} llevaban {n} años pidiendo que se pusiera en orden «{thing}».",
    ),
}


@dataclass(frozen=True, slots=True)
class Article:
    """What a site publishes under `path`; its text is its paragraphs."""

    path: str
    title: str
    day: date
    paragraphs: tuple[str, ...]


def articles(site: str, language: str, count: int) -> tuple[Article, ...]:
    """The articles of a site, the newest first; always the same for the same arguments."""
    return tuple(_article(site, language, number) for number in range(count, 0, -1))


def _article(site: str, language: str, number: int) -> Article:
    thing = THINGS[number % len(THINGS)]
    paragraphs = tuple(
        " ".join(
            sentence.format(
                town=f"{TOWNS[(number + part) % len(TOWNS)]}-{site}",
                thing=thing,
                n=10 * number + part,
            )
            for sentence in SENTENCES[language]
        )
        for part in range(1, 5)
    )
    title = (
        f"{thing.capitalize()} {number} of {site}: a decision of the council after a long debate"
    )
    return Article(f"/news/{number}.html", title, FIRST_DAY + timedelta(days=number), paragraphs)
