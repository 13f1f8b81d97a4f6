"""Finding things by the beginnings of the words of their names, in a store that can only compare whole values.

Each thing carries the beginnings of its words as `search_terms`; a search looks one of its words up among them and
filters what it finds by the others, all of them folded.
"""

from __future__ import annotations

import re

from shared.domain.folding import folded

# Longer words are found by their first letters and then compared in full: each beginning is an index entry.
MAX_TERM_LENGTH = 20

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> tuple[str, ...]:
    """The different words of a text, folded, in their order; what is neither letter nor digit parts them."""
    return tuple(dict.fromkeys(_WORD.findall(folded(text))))


def search_terms(*texts: str) -> list[str]:
    """Every beginning of every word, up to MAX_TERM_LENGTH letters; sorted."""
    beginnings = {
        word[:length]
        for text in texts
        for word in words(text)
        for length in range(1, min(len(word), MAX_TERM_LENGTH) + 1)
    }
    return sorted(beginnings)


def lookup_term(search: str) -> str | None:
    """The term to look up for a search: the beginning of its longest word; None when it has no word."""
    longest = max(words(search), key=len, default=None)
    return None if longest is None else longest[:MAX_TERM_LENGTH]


def matches(search: str, *texts: str) -> bool:
    """Whether each word of the search begins a word of the texts."""
    known = [word for text in texts for word in words(text)]
    return all(any(word.startswith(wanted) for word in known) for wanted in words(search))
