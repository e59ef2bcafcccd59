"""Looking at a page in chromium for what must never be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Dialog, Page

# Elements and attributes that our templates write; anything else came from a text.
_TAGS_WRITTEN = (
    "a abbr article aside bdi blockquote body br button caption circle code datalist dd details div dl dt fieldset footer "
    "form g h1 h2 h3 head header html input kbd label legend li line link main mark meta nav ol option p "
    "path pre rect section select small span strong summary svg table tbody td text textarea tfoot th "
    "thead time title tr ul"
)
_ATTRIBUTES_WRITTEN = (
    "action autocapitalize autocomplete autofocus charset checked class colspan content cx cy d "
    "datetime describedby dir direction enctype fill focusable for headers height href hreflang id inputmode "
    "lang list max maxlength media method min minlength name open pattern placeholder points r rel "
    "required reversed role rows rowspan scope selected spellcheck start step tabindex title transform type "
    "data-htmx-powered data-label data-offline data-open hx-get hx-post hx-swap hx-target value viewbox viewBox width x x1 x2 xmlns y y1 y2 multiple disabled readonly rx ry size cols stroke-width"
)

TAGS, _ATTRIBUTES = _TAGS_WRITTEN.split(), _ATTRIBUTES_WRITTEN.split()

# What every page is looked at with: `strange` says what no template of ours wrote, `look` what is
# wrong with the page as it stands, and as it would stand if it were written out and read again.
_PREPARED = (
    f"const TAGS = new Set({TAGS}), ATTRIBUTES = new Set({_ATTRIBUTES});"
    + r"""
window.hits = 0;
window.ran = () => { window.hits++ };
const LINKS = new Set(['href', 'src', 'action', 'formaction', 'xlink:href', 'hx-post', 'hx-get']);
// The two scripts of the review queue, by their addresses alone, and nothing inside them.
const SCRIPTS = new Set(['/static/htmx/htmx.min.js', '/static/review.js']);
const is_ours = (node) => node.localName === 'script' && !node.textContent &&
  SCRIPTS.has(node.getAttribute('src')) && node.getAttributeNames().join() === 'src,defer';
window.strange = (root) => {
  const wrong = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_ALL);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if ([4, 7, 8].includes(node.nodeType)) wrong.push(`a comment: ${node.nodeValue.slice(0, 80)}`);
    if (node.nodeType !== 1 || is_ours(node)) continue;
    if (!TAGS.has(node.localName)) wrong.push(`<${node.localName}>`);
    for (const one of node.attributes) {
      // The choice of columns belongs to a form of its own; no other field names one.
      const isOfColumns = one.name === "form" && one.value === "columns";
      if (!isOfColumns && !ATTRIBUTES.has(one.name) && !/^(aria-|hx-status:)/.test(one.name))
        wrong.push(`<${node.localName} ${one.name}>`);
      if (LINKS.has(one.name) && !/^(https?:\/\/[^\/]|\/(?!\/)|[?#]|$)/.test(one.value))
        wrong.push(`${one.name}=${one.value.slice(0, 80)}`);
    }
  }
  return wrong;
};
window.look = (texts) => {
  const again = new DOMParser().parseFromString(document.documentElement.outerHTML, 'text/html');
  const wrong = strange(document.documentElement);
  wrong.push(...strange(again.documentElement).map((said) => `written again: ${said}`));
  if (window.hits) wrong.push(`${window.hits} calls ran`);
  const wide = document.documentElement.scrollWidth;
  if (wide > window.innerWidth) wrong.push(`${wide} px wide on a screen of ${window.innerWidth}`);
  const said = document.body.textContent;
  wrong.push(...texts.filter((text) => !said.includes(text)).map((text) => `not shown: ${text}`));
  return [...new Set(wrong)];
};
// Text between marks whose direction reaches what stands beside it: between the two there is neither
// the edge of a block, nor an isolating element, nor a pair of isolating characters.
window.unisolated = (mark) => {
  const holds = (element) => {
    const style = getComputedStyle(element);
    return style.display !== 'inline' || /isolate|plaintext/.test(style.unicodeBidi);
  };
  const room = (node) => {
    let at = node.parentElement;
    while (!holds(at)) at = at.parentElement;
    return at;
  };
  const rooms = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const said = node.nodeValue.replace(/\u2068[^\u2069]*\u2069/g, ' ').trim();
    if (said) rooms.set(room(node), [...(rooms.get(room(node)) || []), said]);
  }
  const is_whole = (all) => all.length === 1 && all[0].startsWith(mark) &&
    (all[0].endsWith(mark) || all[0].endsWith('…'));
  const is_turned = (at, all) => (at.closest('[dir]:not([dir=auto])').dir === 'rtl'
    ? /[A-Za-z]/ : /[\u0590-\u06ff]/).test(all.join(' ').match(new RegExp(`${mark}[^${mark}]*`))[0]);
  const marked = [...rooms].filter(([, all]) => all.some((said) => said.includes(mark)));
  const wrong = marked.filter(([at, all]) => !is_whole(all) && is_turned(at, all));
  return wrong.map(([, all]) => all.join(' | '));
};
"""
)


@dataclass
class Looker:
    """A page of a browser, and what it did that nobody asked for."""

    page: Page
    here: str
    noted: list[str] = field(default_factory=list)

    def look(self, path: str, texts: Sequence[str] = ()) -> list[str]:
        """What is wrong at `path`, where these texts should be read."""
        self.page.goto(self.here + path)
        found: list[str] = self.page.evaluate("(texts) => look(texts)", list(texts))
        if self.page.url.partition("?")[0] != (self.here + path).partition("?")[0]:
            found.append(f"went to {self.page.url}")
        found, self.noted[:] = found + self.noted, []
        return [f"{path[:100]}: {said}" for said in found]


@contextmanager
def looking(
    browser: Browser, here: str, *, guarded: bool, language: str = "en"
) -> Iterator[Looker]:
    """A narrow screen. Not `guarded`: the browser ignores our Content-Security-Policy, so that what
    got into the markup would run; otherwise it reports what it kept from running.
    """
    context = browser.new_context(
        bypass_csp=not guarded, viewport={"width": 360, "height": 900}, locale=language
    )
    context.add_init_script(_PREPARED)
    page = context.new_page()
    looker = Looker(page, here)
    page.on("dialog", lambda dialog: _dismiss(looker, dialog))
    page.on("console", lambda message: looker.noted.append(f"console: {message.text[:200]}"))
    page.on("pageerror", lambda error: looker.noted.append(f"error: {error}"))
    page.on("request", lambda sent: _note(looker, sent.url))
    page.route(
        lambda url: not url.startswith((here, "data:", "blob:")), lambda route: route.abort()
    )
    try:
        yield looker
    finally:
        context.close()


def _note(looker: Looker, url: str) -> None:
    if not url.startswith(looker.here):
        looker.noted.append(f"asked for {url[:100]}")


def _dismiss(looker: Looker, dialog: Dialog) -> None:
    looker.noted.append("a dialog")
    dialog.dismiss()
