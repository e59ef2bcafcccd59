"""Whether a text is the whole article."""

from __future__ import annotations

from crawler.extract.page.endings import has_summary, is_cut, share_covered

SUMMARY = (
    "Peru and Chile signed a protocol which lets hundreds of nurses cross their border yearly."
)
TEXT = (
    "A protocol that Peru signed with Chile lets nurses cross the border: hundreds of them, yearly."
)


def test_a_text_has_what_its_summary_says_in_whatever_order_and_form() -> None:
    assert share_covered(TEXT, [SUMMARY]) >= 0.8
    assert has_summary(share_covered(TEXT, [SUMMARY]))


def test_of_several_summaries_the_one_counts_that_a_text_lacks_most() -> None:
    other = "Fishermen along both coasts protest against quotas, prices, taxes, tariffs and delays."
    assert share_covered(TEXT, [SUMMARY, other]) == 0


def test_a_summary_of_a_few_words_tells_nothing() -> None:
    assert share_covered(TEXT, ["Fishermen protest", ""]) == 1


def test_a_long_text_is_not_cut_because_its_summary_is_a_free_one() -> None:
    assert is_cut(TEXT, 0.1)
    assert not is_cut(TEXT, 0.6)
    assert not is_cut(TEXT * 20, 0.1)
