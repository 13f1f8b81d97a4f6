"""Which names people take for the same one."""

from __future__ import annotations

import unicodedata

from shared.domain.plain_text import ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER


def unique_name(text: str) -> str:
    """What two names have in common that people take for one: the text without case, in Unicode's compatibility form,
    with every run of white space as one blank, and without the joiners that nobody sees. Accents make a difference."""
    visible = text.replace(ZERO_WIDTH_NON_JOINER, "").replace(ZERO_WIDTH_JOINER, "")
    letters = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return " ".join(letters.casefold().split())
