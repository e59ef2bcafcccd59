"""English by code: what Accordwatch says of itself."""

from __future__ import annotations

from scheduler.views.words.messages import N_

SYSTEM = {
    "health.levels.well": N_("well"),
    "health.levels.warning": N_("warning"),
    "health.levels.problem": N_("problem"),
    "health.reasons.accepted": N_("answers without content"),
    "health.reasons.address": N_("its address cannot be requested"),
    "health.reasons.broken": N_("its answer cannot be read"),
    "health.reasons.browser": N_("the browser fails"),
    "health.reasons.browser_missing": N_("no browser is installed"),
    "health.reasons.consent_wall": N_("asks for consent to cookies"),
    "health.reasons.login_refused": N_("refuses the password"),
    "health.reasons.maintenance": N_("is under maintenance"),
    "health.reasons.missing": N_("its file or folder does not exist"),
    "health.reasons.needs_scripts": N_("its pages need a browser's scripts"),
    "health.reasons.no_encryption": N_("its mail server does not encrypt"),
    "health.reasons.no_end": N_("gave no answer"),
    "health.reasons.no_password": N_("its password is missing"),
    "health.reasons.not_a_feed": N_("what came is not a feed"),
    "health.reasons.paywall": N_("only subscribers see it"),
    "health.reasons.private_address": N_("leads to a private address"),
    "health.reasons.redirect_loop": N_("redirects endlessly"),
    "health.reasons.robots_unreachable": N_("its robots.txt cannot be read"),
    "health.reasons.scheme": N_("neither http nor https"),
    "health.reasons.soft_404": N_("shows a page that says “not found”"),
    "health.reasons.too_large": N_("its answer is too large"),
    "health.reasons.truncated": N_("its answer was cut off"),
}
