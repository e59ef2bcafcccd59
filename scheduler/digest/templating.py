"""The templates of digests, and what puts their styles where mail programs read them.

Both libraries are loaded for the first digest: most runs send none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from css_inline import CSSInliner
    from jinja2 import Environment


@cache
def templates() -> Environment:
    """Return the templates, which fail on a name that nobody filled in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("scheduler.digest"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def inliner() -> CSSInliner:
    """Return what moves styles into the elements that they are about."""
    from css_inline import CSSInliner

    # Mail programs drop <style>, or keep only its media rules, which serve dark mode and narrow
    # screens.
    return CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)
