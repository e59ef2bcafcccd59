"""The vocabulary as bytes is asked as the dict that it was made from."""

from itertools import product

from crawler.judgement.probability.cached_encoder import CachedPrefixes, blocks_of

PREFIXES = ["".join(letters) for letters in product("ab\u2581\u0639", repeat=4)]


def test_it_holds_what_it_was_made_from_and_nothing_else() -> None:
    numbers = {prefix: number for number, prefix in enumerate(PREFIXES[::2])}
    found = CachedPrefixes(blocks_of(numbers))
    assert [found.get(prefix) for prefix in PREFIXES] == [numbers.get(one) for one in PREFIXES]
