"""What a search for names looks at: their words, folded. A word of the search finds those that it begins."""

from __future__ import annotations

import re

from shared.domain.folding import folded

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> tuple[str, ...]:
    """The different words of a text, folded, in their order; what is neither letter nor digit parts them."""
    return tuple(dict.fromkeys(_WORD.findall(folded(text))))
