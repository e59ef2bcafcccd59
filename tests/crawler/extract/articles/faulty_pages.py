"""Pages that are no articles, in seven languages, as servers and content systems build them. All
sentences are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HOST = "https://www.gazette.example"


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says: its title, its headline (the same if ""), and its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]
    button: str = ""


CHALLENGE = {
    "en": Words(
        "Just a moment...",
        ("gazette.example needs to review the security of your connection before proceeding.",),
    ),
    "fr": Words(
        "Un instant…", ("Vérification de votre navigateur en cours. Cela prend quelques secondes.",)
    ),
    "es": Words(
        "Un momento…", ("Verificando que usted es humano. Esto puede tardar unos segundos.",)
    ),
    "it": Words("Controllo di sicurezza", ("Verifica del tuo browser prima di accedere al sito.",)),
    "pt": Words("Um momento…", ("Verificando o seu navegador antes de abrir gazette.example.",)),
    "de": Words(
        "Nur einen Moment…", ("Ihr Browser wird überprüft, bevor Sie weitergeleitet werden.",)
    ),
    "ar": Words("لحظة من فضلك…", ("جارٍ التحقق من متصفحك قبل فتح الموقع.",)),
}
CONSENT = {
    "en": Words(
        "The Gazette",
        (
            "We and our 312 partners store cookies on your device to show you advertisements.",
            "With your consent we process personal data such as your address. You can withdraw your consent at any time.",
            "Read our privacy notice to learn how cookies are used.",
        ),
        "Accept all",
    ),
    "fr": Words(
        "La Gazette",
        (
            "Nos 312 partenaires et nous déposons des cookies sur votre appareil pour la publicité.",
            "Avec votre consentement, nous traitons des données personnelles comme votre adresse.",
            "Vous pouvez retirer votre consentement à tout moment dans la page sur les cookies.",
        ),
        "Accepter et continuer",
    ),
    "es": Words(
        "La Gaceta",
        (
            "Nosotros y nuestros 312 socios guardamos cookies en su dispositivo para mostrar anuncios.",
            "Con su consentimiento tratamos datos personales como su dirección.",
            "Puede retirar su consentimiento en cualquier momento en la política de cookies.",
        ),
        "Aceptar todo",
    ),
    "it": Words(
        "La Gazzetta",
        (
            "Noi e i nostri 312 partner archiviamo cookie sul tuo dispositivo per la pubblicità.",
            "Con il tuo consenso trattiamo dati personali come il tuo indirizzo. La privacy policy lo spiega.",
            "Puoi revocare il consenso ai cookie quando vuoi.",
        ),
        "Accetta tutto",
    ),
    "pt": Words(
        "A Gazeta",
        (
            "Nós e os nossos 312 parceiros guardamos cookies no seu dispositivo para mostrar anúncios.",
            "Com o seu consentimento tratamos dados pessoais como o seu endereço.",
            "Pode retirar o consentimento para cookies quando quiser.",
        ),
        "Aceitar tudo",
    ),
    "de": Words(
        "Die Gazette",
        (
            "Wir und unsere 312 Partner speichern Cookies auf Ihrem Gerät, um Werbung zu zeigen.",
            "Mit Ihrer Einwilligung verarbeiten wir personenbezogene Daten wie Ihre Adresse.",
            "Sie können die Einwilligung jederzeit in den Datenschutzhinweisen widerrufen.",
        ),
        "Alle akzeptieren",
    ),
    "ar": Words(
        "الجريدة",
        (
            "نستخدم نحن وشركاؤنا ملفات تعريف الارتباط على جهازك لعرض الإعلانات.",
            "بموافقتك نعالج بيانات شخصية مثل عنوانك، ويمكنك سحب الموافقة في أي وقت.",
            "اقرأ سياسة الخصوصية لمعرفة المزيد.",
        ),
        "قبول الكل",
    ),
}
PARKED = {
    "en": Words(
        "gazette.example",
        (
            "This domain may be for sale. Ask the owner for a price.",
            "Related searches: travel, loans, insurance",
        ),
    ),
    "fr": Words(
        "gazette.example",
        (
            "Ce nom de domaine est à vendre. Faites une offre.",
            "Recherches : voyage, prêt, assurance",
        ),
    ),
    "es": Words(
        "gazette.example",
        ("Este dominio está en venta. Haga una oferta.", "Búsquedas: viajes, préstamos, seguros"),
    ),
    "it": Words(
        "gazette.example",
        (
            "Questo dominio è in vendita. Fai un'offerta.",
            "Ricerche: viaggi, prestiti, assicurazioni",
        ),
    ),
    "pt": Words(
        "gazette.example",
        ("Este domínio está à venda. Faça uma oferta.", "Pesquisas: viagens, empréstimos, seguros"),
    ),
    "de": Words(
        "gazette.example",
        (
            "Diese Domain steht zum Verkauf. Machen Sie ein Angebot.",
            "Suchen: Reisen, Kredite, Versicherungen",
        ),
    ),
    "ar": Words(
        "gazette.example", ("هذا النطاق معروض للبيع. قدّم عرضك.", "عمليات بحث: سفر، قروض، تأمين")
    ),
}
SUSPENDED = {
    "en": Words(
        "Account Suspended",
        ("This account has been suspended. Contact your hosting provider for more information.",),
    ),
    "fr": Words("Compte suspendu", ("Ce compte a été suspendu. Contactez votre hébergeur.",)),
    "es": Words(
        "Cuenta suspendida",
        ("Esta cuenta ha sido suspendida. Contacte con su proveedor de alojamiento.",),
    ),
    "it": Words(
        "Account sospeso",
        ("Questo account è stato sospeso. Contatta il tuo fornitore di hosting.",),
    ),
    "pt": Words(
        "Conta suspensa",
        ("Esta conta foi suspensa. Entre em contato com seu provedor de hospedagem.",),
    ),
    "de": Words(
        "Konto gesperrt",
        ("Dieses Konto wurde gesperrt. Wenden Sie sich an Ihren Hosting-Anbieter.",),
    ),
    "ar": Words("تم تعليق الحساب", ("تم تعليق هذا الحساب. اتصل بمزود الاستضافة.",)),
}
SOFT_404 = {
    "en": Words(
        "Page not found",
        (
            "The page you are looking for has moved or never existed.",
            "Try the search, or go back to the start.",
        ),
    ),
    "fr": Words(
        "Page introuvable",
        (
            "La page que vous recherchez a été déplacée ou n'a jamais existé.",
            "Essayez la recherche.",
        ),
    ),
    "es": Words(
        "Página no encontrada",
        ("La página que busca se ha movido o nunca existió.", "Pruebe el buscador."),
    ),
    "it": Words(
        "Pagina non trovata",
        ("La pagina che stai cercando è stata spostata o non è mai esistita.", "Prova la ricerca."),
    ),
    "pt": Words(
        "Página não encontrada",
        ("A página que procura mudou de lugar ou nunca existiu.", "Tente a pesquisa."),
    ),
    "de": Words(
        "Seite nicht gefunden",
        ("Die gesuchte Seite ist umgezogen oder hat nie existiert.", "Versuchen Sie die Suche."),
    ),
    "ar": Words(
        "الصفحة غير موجودة", ("الصفحة التي تبحث عنها نُقلت أو لم تكن موجودة.", "جرّب البحث.")
    ),
}
MAINTENANCE = {
    "en": Words(
        "Under maintenance", ("We will be back this afternoon. Thank you for your patience.",)
    ),
    "fr": Words(
        "Site en maintenance", ("Nous serons de retour cet après-midi. Merci de votre patience.",)
    ),
    "es": Words("Sitio en mantenimiento", ("Volveremos esta tarde. Gracias por su paciencia.",)),
    "it": Words("Sito in manutenzione", ("Torneremo nel pomeriggio. Grazie della pazienza.",)),
    "pt": Words("Site em manutenção", ("Voltamos esta tarde. Obrigado pela paciência.",)),
    "de": Words(
        "Wartungsarbeiten", ("Heute Nachmittag sind wir wieder da. Danke für Ihre Geduld.",)
    ),
    "ar": Words("الموقع تحت الصيانة", ("سنعود بعد ظهر اليوم. شكرًا لصبركم.",)),
}
LOGIN = {
    "en": Words("Log in", ("Enter your name and password.",)),
    "fr": Words("Connexion", ("Saisissez votre nom et votre mot de passe.",)),
    "es": Words("Iniciar sesión", ("Escriba su nombre y contraseña.",)),
    "it": Words("Accedi", ("Inserisci nome e password.",)),
    "pt": Words("Iniciar sessão", ("Escreva o seu nome e a palavra-passe.",)),
    "de": Words("Anmelden", ("Geben Sie Namen und Passwort ein.",)),
    "ar": Words("تسجيل الدخول", ("أدخل اسمك وكلمة المرور.",)),
}
INTERSTITIAL = {
    "en": Words("Redirecting", ("You will be redirected in five seconds.",)),
    "fr": Words("Redirection", ("Vous allez être redirigé dans cinq secondes.",)),
    "es": Words("Redirigiendo", ("En cinco segundos será redirigido.",)),
    "it": Words("Reindirizzamento", ("Tra cinque secondi sarai reindirizzato.",)),
    "pt": Words("Redirecionando", ("Em cinco segundos será redirecionado.",)),
    "de": Words("Weiterleitung", ("Sie werden weitergeleitet. Bitte warten Sie.",)),
    "ar": Words("إعادة التوجيه", ("سيتم تحويلك بعد خمس ثوان.",)),
}
SECTION = {
    "en": Words(
        "Politics",
        (
            "The council votes on the budget for schools and roads",
            "A new ferry will connect both islands from the spring",
            "The harvest was better than in the two years before",
            "The minister opens a training centre for nurses in the north",
            "Rain closes the mountain pass for the third time",
        ),
    ),
    "fr": Words(
        "Politique",
        (
            "Le conseil vote le budget des écoles et des routes",
            "Un nouveau bac reliera les deux îles dès le printemps",
            "La récolte a dépassé celle des deux années passées",
            "La ministre ouvre un centre de formation d'infirmiers",
            "La pluie ferme le col pour la troisième fois",
        ),
    ),
    "es": Words(
        "Política",
        (
            "El consejo vota el presupuesto de escuelas y caminos",
            "Un nuevo transbordador unirá las dos islas en primavera",
            "La cosecha superó la de los dos años anteriores",
            "La ministra abre un centro de formación de enfermeros",
            "La lluvia cierra el puerto de montaña por tercera vez",
        ),
    ),
    "it": Words(
        "Politica",
        (
            "Il consiglio vota il bilancio di scuole e strade",
            "Un nuovo traghetto unirà le due isole in primavera",
            "Il raccolto ha superato quello dei due anni passati",
            "La ministra apre un centro di formazione per infermieri",
            "La pioggia chiude il valico per la terza volta",
        ),
    ),
    "pt": Words(
        "Política",
        (
            "O conselho vota o orçamento de escolas e estradas",
            "Um novo barco ligará as duas ilhas na primavera",
            "A colheita superou a dos dois anos anteriores",
            "A ministra abre um centro de formação de enfermeiros",
            "A chuva fecha o passo pela terceira vez",
        ),
    ),
    "de": Words(
        "Politik",
        (
            "Der Rat stimmt über den Haushalt für Schulen und Straßen ab",
            "Eine neue Fähre verbindet ab dem Frühjahr beide Inseln",
            "Die Ernte war besser als in den beiden Jahren davor",
            "Die Ministerin eröffnet ein Zentrum für Pflegekräfte",
            "Regen schließt den Pass zum dritten Mal",
        ),
    ),
    "ar": Words(
        "سياسة",
        (
            "المجلس يصوت على ميزانية المدارس والطرق",
            "عبّارة جديدة تربط الجزيرتين ابتداء من الربيع",
            "المحصول أفضل مما كان عليه في العامين الماضيين",
            "الوزيرة تفتتح مركزا لتدريب الممرضين في الشمال",
            "المطر يغلق الممر الجبلي للمرة الثالثة",
        ),
    ),
}


def _page(words: Words, body: str, head: str = "") -> str:
    title = f"<title>{words.title}</title>"
    return f"<!DOCTYPE html><html><head>{title}{head}</head><body>{body}</body></html>"


def _text(words: Words) -> str:
    return f"<h1>{words.title}</h1>" + "".join(
        f"<p>{paragraph}</p>" for paragraph in words.paragraphs
    )


def challenge(words: Words) -> str:
    script = "<script>window._cf_chl_opt={cvId:'3'};</script>"
    return _page(
        words,
        f'<div id="challenge"><noscript>{_text(words)}</noscript>{_text(words)}</div>{script}',
    )


def told_challenge(words: Words) -> str:
    """One of a service that we do not know: only its words tell."""
    return _page(Words("gazette.example", words.paragraphs), _text(words))


def consent(words: Words) -> str:
    return _page(
        words,
        f"<div>{_text(words)}<form action='/save'><button>{words.button}</button></form></div>",
    )


def plain(words: Words) -> str:
    return _page(words, f"<div>{_text(words)}</div>")


def among_news(words: Words) -> str:
    """An error page of a news site, with the latest news below."""
    news = "".join(
        f"<div class='card'><h3><a href='/n/{n}'>{one}</a></h3><p>{one}. {one}, {n}.</p></div>"
        for n, one in enumerate(SECTION["en"].paragraphs)
    )
    named = Words(f"{words.title} - Gazette", words.paragraphs)
    return _page(
        named,
        f"<header>Gazette</header><main>{_text(words)}</main><div class='latest'>{news}</div>",
    )


def login(words: Words) -> str:
    form = "<form><input name='u'><input type='password' name='p'><button>OK</button></form>"
    return _page(words, f"{_text(words)}{form}")


def section(words: Words) -> str:
    cards = "".join(
        f"<article class='teaser'><time>{n + 1}.3.2026</time><h2><a href='/news/{n}.html'>{one}</a></h2>"
        f"<p>{one}. {one} ({n}).</p></article>"
        for n, one in enumerate(words.paragraphs)
    )
    return _page(
        words, f"<nav><a href='/'>Gazette</a></nav><main><h1>{words.title}</h1>{cards}</main>"
    )


FAULTY: tuple[tuple[str, dict[str, Words], Callable[[Words], str]], ...] = (
    ("challenge", CHALLENGE, challenge),
    ("challenge", CHALLENGE, told_challenge),
    ("consent_wall", CONSENT, consent),
    ("parked", PARKED, plain),
    ("suspended", SUSPENDED, plain),
    ("soft_404", SOFT_404, plain),
    ("soft_404", SOFT_404, among_news),
    ("maintenance", MAINTENANCE, plain),
    ("login", LOGIN, login),
    ("interstitial", INTERSTITIAL, plain),
    ("section_page", SECTION, section),
)
