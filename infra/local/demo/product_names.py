"""Names as people write them, from the descriptions of a till: capitals, shortened, with what the warehouse noted."""

from __future__ import annotations

import re

# Written in the description of a line by whoever counted the stock: what happened to goods, not what they are called.
STOCK_REMARK = (
    r"(?i)^\W*$|\?|wrongly|thrown away|damage[sd]|sold as|not rcvd|barcode problem|"
    r"^\W*(damage|check(ed)?|counted|found|lost|missing|mouldy|smashed|broken|mix(ed)? up|adjust(ment)?|"
    r"amazon( sales| fba)?|ebay|fba|dotcom( sales)?|website fixed|samples?|mailout|test|display|crushed|"
    r"cracked|wet|rusty|returned)\W*$"
)
_ACRONYMS = frozenset({"TV", "UK", "USA", "USB", "LED", "UFO", "VIP", "DIY", "BBQ", "CD", "DVD", "FM"})
_SMALL = frozenset(
    ["a", "an", "and", "at", "but", "by", "de", "du", "for", "from", "in", "la", "of", "on", "or", "the", "to", "with"]
)
_UNITS = frozenset({"cm", "mm", "m", "g", "kg", "ml", "l", "pc", "pcs", "x", "cmx", "mmx", "w"})
_WORDS = {
    "ass": "assorted",
    "asst": "assorted",
    "asstd": "assorted",
    "col": "colour",
    "des": "design",
    "hldr": "holder",
    "lge": "large",
    "sml": "small",
}
_REWRITTEN: tuple[tuple[str, str], ...] = (
    (r"\s+", " "),
    (r"\s*\+\s*", " & "),
    (r"\b(?:SET|S) ?[/ ] ?(\d+)\b|\bSET(\d+)\b", r"SET OF \1\2"),
    (r"\b(PACK|BOX|BASKET|BAG)/(\d+)\b", r"\1 OF \2"),
    (r"\bOF(\d+)\b", r"OF \1"),
    (r"\bW(?:/| (?=[A-Z]))", "WITH "),
    (r" ?,(?=\S) ?| ?, ", ", "),
    (r"^[\s*,.&-]+|[\s*,.&-]+$", ""),
)
_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")


def readable_name(description: str) -> str:
    """SET/3 3d CHILDREN'S T-LIGHTS AND  FRAME. -> Set of 3 3D Children's T-lights and Frame."""
    text = description.strip()
    for pattern, replacement in _REWRITTEN:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    return _WORD.sub(_cased, text)


def _cased(match: re.Match[str]) -> str:
    word, before = match[0].lower(), match.string[: match.start()]
    word = _WORDS.get(word, word)
    if word.upper() in _ACRONYMS:
        return word.upper()
    if before[-1:].isdigit():  # a measure, else a size or 3D
        return word if word in _UNITS else word.upper() if len(word) == 1 else word.capitalize()
    follows_letter = re.search(r"(^|[^A-Za-z])[A-Za-z]-$", before) is not None  # T-light
    if follows_letter or before.endswith("'") or (word in _SMALL and before.endswith(" ")):
        return word
    return word.capitalize()
