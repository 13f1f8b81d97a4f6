"""Email addresses as users are found by them."""

from __future__ import annotations

from unicodedata import normalize

MAX_ADDRESS_LENGTH = 320


def normal_address(text: str) -> str:
    """The form in which an address is kept and compared: without spaces around it, whatever its case and Unicode form.

    Two addresses that look the same are one: `é` as one character and as two, full-width letters, ligatures.
    """
    # Normalised before too: a composed letter may fold where its parts do not. Spaces may come of it.
    return normalize("NFKC", normalize("NFKC", text).casefold()).strip()
