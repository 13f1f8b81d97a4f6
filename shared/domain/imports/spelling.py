"""Ids as sources spell them, and as the client has them.

`CAFÉ-9` is one item to a person, and two to a program that compares bytes: composed, as most systems write it, and
decomposed, as a Mac does. Tills write `mug-blue` for MUG-BLUE, and lists `Shop` for SHOP. There is one spelling for
every import, that of the product or the location; what a source writes means it as long as it can mean no other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

import polars as pl

_SPACES = re.compile(r"\s+")


def plain_id(text: str) -> str:
    """The id in composed Unicode, each run of white space a blank, none at its ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def likeness(text: str) -> str:
    """What ids have in common that people take for the same."""
    return plain_id(unicodedata.normalize("NFC", plain_id(text).casefold()))


class Spellings:
    """The ids that a client has, to be found however a source spells them. With `learns` what is new is known from then
    on, as it is spelt first."""

    def __init__(self, ids: Collection[str], *, learns: bool = False) -> None:
        self._ids, self._learns = set(ids), learns
        alike: dict[str, set[str]] = {}
        for known in self._ids:
            alike.setdefault(likeness(known), set()).add(known)
        self._by_likeness = {like: known.pop() for like, known in alike.items() if len(known) == 1}

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, text: object) -> bool:
        return text in self._ids

    def of(self, text: str) -> str:
        """The id that is meant: the one that is spelt so, else the only one that is like it, else the text, plain."""
        if text in self._ids:
            return text
        return self._by_likeness.get(likeness(text)) or plain_id(text)

    def of_all(self, texts: pl.Series) -> pl.Series:
        """`of` each text; a null stays null. A source names few ids often."""
        meant = {}
        for text in texts.drop_nulls().unique(maintain_order=self._learns):
            known = self.of(text)
            if self._learns and known not in self._ids:
                self._ids.add(known)
                self._by_likeness[likeness(known)] = known
            if known != text:
                meant[text] = known
        return texts.replace(list(meant), list(meant.values())) if meant else texts


def spelt(records: pl.DataFrame, **known: Spellings) -> pl.DataFrame:
    """The records with the ids that are meant in these columns."""
    return records.with_columns(ids.of_all(records[name]).alias(name) for name, ids in known.items())
