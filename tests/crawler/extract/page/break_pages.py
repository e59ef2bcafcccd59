"""Pages built with <br> instead of paragraphs, as older news systems build them; all texts are
ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """One article and the furniture around it, in one language."""

    language: str
    direction: str
    title: str
    paragraphs: tuple[str, ...]
    teasers: tuple[tuple[str, str], ...]  # headline and summary of other stories
    also: tuple[str, ...]  # headlines under "read also"
    also_heading: str
    comments: tuple[str, ...]
    footer: str


FRENCH = Wording(
    "fr",
    "ltr",
    "Tunis et Rome signent un accord sur le retour des migrants",
    (
        "La Tunisie et l'Italie ont signé mardi à Tunis un accord sur le retour des personnes en situation irrégulière, après huit mois de discussions menées par les deux ministères de l'Intérieur.",
        "Le texte fixe un délai de trente jours pour identifier les personnes concernées, et confie à une commission mixte le soin de régler les cas dans lesquels les papiers manquent.",
        "Rome s'engage à financer des formations pour les gardes-côtes, tandis que Tunis recevra quatre vedettes avant la fin de l'année, selon une source proche du dossier.",
        "Des associations regrettent que le contenu complet ne soit pas publié. « Nous ne savons pas ce que deviennent les mineurs », dit l'une d'elles.",
    ),
    (
        (
            "L'Algérie et le Niger rouvrent leur frontière commune",
            "Alger et Niamey ont convenu jeudi de rouvrir le poste frontière d'Assamaka, fermé depuis le printemps, et de reprendre les patrouilles communes.",
        ),
        (
            "Le Sénégal négocie avec l'Espagne sur les visas de travail",
            "Une délégation de Madrid est attendue lundi à Dakar pour parler des saisonniers, alors que les départs en pirogue ont repris.",
        ),
        (
            "Naufrage au large de la Libye : onze disparus",
            "Une embarcation partie de Zouara a chaviré dans la nuit de samedi ; les recherches continuent avec l'aide de Malte.",
        ),
    ),
    (
        "La Mauritanie renforce ses patrouilles en mer avec l'appui de Las Palmas",
        "Berlin et Rabat relancent leur dialogue sur la formation des soignants",
        "Le prix du blé dur atteint un sommet sur les marchés de Sfax",
    ),
    "À lire aussi",
    (
        "Encore un accord que personne ne lira, comme celui de la Turquie et de la Grèce l'an dernier, merci pour rien !",
        "Bravo à la rédaction d'en parler enfin, les autres journaux n'ont écrit que trois lignes là-dessus.",
    ),
    "Le Quotidien du Golfe, directeur de la publication, mentions légales et conditions d'utilisation, tous droits réservés.",
)
ENGLISH = Wording(
    "en",
    "ltr",
    "Kenya and Germany sign labour mobility agreement",
    (
        "Kenya and Germany signed an agreement on Friday in Berlin that opens the German labour market to trained Kenyan workers and speeds up the return of those who have no right to stay.",
        "Under the deal, temporary visas can be extended where an employer vouches for the applicant, and Nairobi will confirm the identity of its nationals within a month.",
        "Bus drivers and nurses are named as the first to profit. A joint committee meets twice a year and reports to both cabinets on numbers and complaints.",
        'Trade unions in Mombasa asked that recruitment fees be banned, a point on which the text says little, according to one negotiator. "That battle comes next," she said.',
    ),
    (
        (
            "Uganda and Denmark close to deal on deportation centre",
            "Officials in Kampala said on Monday that talks with Copenhagen about a centre for rejected asylum seekers had reached their final stage.",
        ),
        (
            "Rwanda takes in flight of evacuees from Libya",
            "A plane with 140 people landed in Kigali on Sunday under the emergency transit scheme that the African Union renewed last year.",
        ),
        (
            "Ethiopian runners sweep the podium in Chicago",
            "Rain and wind could not stop the favourites, who finished within eleven seconds of each other after a fast second half.",
        ),
    ),
    (
        "Ghana reviews its pact with Italy on seasonal farm workers",
        "Somalia and Sweden at odds over travel papers for returnees",
        "Floods cut the road between Garissa and Dadaab for a third day",
    ),
    "Read also",
    (
        "They said the same about the Philippines and Saudi Arabia, and look how the maids were treated there afterwards.",
        "My cousin has waited two years for an appointment at the embassy, so I will believe it when I see it happen.",
    ),
    "The Rift Valley Gazette is published by Gazette Press. Terms of use, privacy notice and advertising. All rights reserved.",
)
ARABIC = Wording(
    "ar",
    "rtl",
    "المغرب وإسبانيا يوقعان اتفاقا بشأن الهجرة الدائرية",
    (
        "وقع المغرب وإسبانيا يوم الأربعاء في الرباط اتفاقا جديدا ينظم هجرة العمال الموسميين ويضع قواعد واضحة لعودتهم بعد انتهاء موسم الجني في حقول الفراولة.",
        "وينص الاتفاق على إنشاء لجنة مشتركة تجتمع كل ستة أشهر لمراجعة أعداد العمال وظروف السكن، كما يلزم أصحاب الضيعات بتوفير عقود مكتوبة باللغتين.",
        "وقال مسؤول في وزارة التشغيل إن مدريد ستستقبل خمسة عشر ألف عاملة خلال العام المقبل، وإن الأولوية ستكون لمن احترمن شروط العودة في السنوات الماضية.",
        "ودعت جمعيات حقوقية إلى نشر النص الكامل للاتفاق، وطالبت بآلية تسمح للعاملات بتقديم الشكاوى دون خوف من فقدان العمل.",
    ),
    (
        (
            "مصر واليونان تبحثان ترسيم التعاون ضد مهربي البشر",
            "أجرى وزيرا خارجية مصر واليونان محادثات في القاهرة يوم السبت حول تبادل المعلومات وتسيير دوريات مشتركة في المتوسط.",
        ),
        (
            "ليبيا ترحل مئات المهاجرين إلى النيجر",
            "أعلنت السلطات في سبها أن قافلة تضم مئات المهاجرين غادرت المدينة نحو الحدود مع النيجر صباح الاثنين تحت إشراف الأمن.",
        ),
        (
            "الأردن يطلب دعما إضافيا لمخيمات اللاجئين",
            "قال وزير التخطيط الأردني إن التمويل الدولي تراجع إلى النصف خلال هذه السنة وإن الخدمات في المخيمات باتت مهددة.",
        ),
    ),
    (
        "تونس وفرنسا تراجعان اتفاق التأشيرات بعد أزمة دامت شهورا",
        "موريتانيا تعلن تفكيك شبكة لتهريب المهاجرين نحو جزر الكناري",
        "انطلاق موسم التمور في واحات الجنوب وسط توقعات بإنتاج وفير",
    ),
    "اقرأ أيضا",
    (
        "نفس الكلام سمعناه عن لبنان وقبرص في العام الماضي ولم يتغير شيء على أرض الواقع للأسف الشديد.",
        "شكرا على هذا الخبر، وأتمنى أن تكتبوا أكثر عن أوضاع العاملات في مدينة ويلبا وضواحيها.",
    ),
    "جريدة الأطلس اليومية، شروط الاستخدام وسياسة الخصوصية وهيئة التحرير، جميع الحقوق محفوظة لدار الأطلس للنشر.",
)
WORDINGS = (FRENCH, ENGLISH, ARABIC)


def _teaser_paragraphs(words: Wording) -> str:
    return "".join(
        f'<div class="item"><h3><a href="/t{n}">{head}</a></h3><p>{summary}</p></div>'
        for n, (head, summary) in enumerate(words.teasers)
    )


def _teaser_cells(words: Wording) -> str:
    return "".join(
        f'<tr><td><a href="/t{n}"><b>{head}</b></a><br>{summary} <a href="/t{n}">&raquo;</a></td></tr>'
        for n, (head, summary) in enumerate(words.teasers)
    )


def _also(words: Wording) -> str:
    links = "".join(f'<li><a href="/also{n}">{head}</a></li>' for n, head in enumerate(words.also))
    return f"<h4>{words.also_heading}</h4><ul>{links}</ul>"


def _also_lines(words: Wording) -> str:
    links = "<br>".join(f'- <a href="/also{n}">{head}</a>' for n, head in enumerate(words.also))
    return f"<b>{words.also_heading}</b><br>{links}<br>"


def _comments(words: Wording) -> str:
    posts = "".join(f'<div class="post"><b>Ali</b><p>{text}</p></div>' for text in words.comments)
    return f'<div id="comments"><h4>2</h4>{posts}<form><textarea></textarea><button>OK</button></form></div>'


def _menu(words: Wording) -> str:
    return "".join(f'<a href="/m{n}">{head.split()[0]}</a> | ' for n, head in enumerate(words.also))


def one_div(words: Wording) -> str:
    """The article in one <div>, blank lines between paragraphs; teasers in paragraphs before and
    after.
    """
    story = "<br><br>".join(words.paragraphs)
    return (
        f'<div class="top">{_menu(words)}</div><div class="box">{_teaser_paragraphs(words)}</div>'
        f"<h1>{words.title}</h1><div>{story}</div>{_also(words)}"
        f'{_comments(words)}<div class="bottom"><p>{words.footer}</p></div>'
    )


def named_div(words: Wording) -> str:
    """The same, in a <div> whose name says that it is the article; a list in its middle leads to
    others.
    """
    first, *rest = words.paragraphs
    return (
        f"<div>{_menu(words)}</div><h1>{words.title}</h1>"
        f'<div id="article-body">{first}<br/><br/>{_also(words)}{"<br/><br/>".join(rest)}</div>'
        f'<div class="blocks">{_teaser_paragraphs(words)}</div>{_comments(words)}<p>{words.footer}</p>'
    )


def table_cell(words: Wording) -> str:
    """Three columns of a table: menu, article, teasers, as in the years before style sheets."""
    story = "<br>\n<br>\n".join(words.paragraphs)
    return (
        f'<table width="100%"><tr><td colspan="3">{_menu(words)}</td></tr><tr><td width="150">{_also_lines(words)}</td>'
        f'<td valign="top"><font size="5"><b>{words.title}</b></font><br><br>{story}<br><br></td>'
        f"<td><table>{_teaser_cells(words)}</table></td></tr>"
        f'<tr><td colspan="3"><font size="1">{words.footer}</font></td></tr></table>'
    )


def single_breaks(words: Wording) -> str:
    """One <br> a paragraph, inside <span> and <font>; "read also" stands in the same block, as
    lines of " "links.
    """
    story = "<br>".join(words.paragraphs)
    return (
        f'<div id="wrap"><h2>{words.title}</h2><div class="c2"><span><font face="Arial">{story}<br>'
        f"{_also_lines(words)}</font></span></div></div><div class='c3'>{_teaser_paragraphs(words)}</div>"
        f"<center><p>{words.footer}</p></center>"
    )


def bare_body(words: Wording) -> str:
    """Text that stands in <body> itself, between teasers in a table and a box of comments."""
    story = "<br><br>".join(words.paragraphs)
    return (
        f"<table>{_teaser_cells(words)}</table><h1>{words.title}</h1>{story}<br><br>"
        f"{_also(words)}{_comments(words)}<hr>{words.footer}"
    )


def one_paragraph(words: Wording) -> str:
    """The whole story in a single <p>; related stories in <p> too."""
    story = "<br /><br />".join(words.paragraphs)
    related = "".join(
        f'<p><a href="/t{n}">{h}</a><br>{s}</p>' for n, (h, s) in enumerate(words.teasers)
    )
    return (
        f"<div>{_menu(words)}</div><div><h1>{words.title}</h1><p>{story}</p></div>"
        f"<div>{related}</div>{_comments(words)}<div><p>{words.footer}</p></div>"
    )


LAYOUTS: dict[str, Callable[[Wording], str]] = {
    layout.__name__: layout
    for layout in (one_div, named_div, table_cell, single_breaks, bare_body, one_paragraph)
}


def page(layout: Callable[[Wording], str], words: Wording) -> str:
    return (
        f'<!DOCTYPE html><html lang="{words.language}" dir="{words.direction}"><head><meta charset="utf-8">'
        f"<title>{words.title}</title></head><body>{layout(words)}</body></html>"
    )
