"""A query that a client gives for a source: one SELECT, with placeholders for the window of days that is read.

This is the first of two guards, and says early and in words what is wrong. The second is the database's own: every
query runs in a transaction that is read-only, by a user who should have no more than SELECT (docs/sources.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from shared.domain.errors import InvalidField

START, END = "start_date", "end_date"  # both included
MAX_QUERY_LENGTH = 50_000

# In this order: what a placeholder or a word lies in comes before it.
_TOKEN = re.compile(
    r"""
      (?P<comment>  --[^\n]* | /\*(?!M?!).*?\*/ )
    | (?P<quoted>   '(?:[^'\\]|''|\\.)*' | "(?:[^"]|"")*" | `[^`]*` | (?P<tag>\$[A-Za-z_]*\$).*?(?P=tag) )
    | (?P<cast>     :: )
    | (?P<name>     [:@](?P<parameter>[A-Za-z_]\w*) )
    | (?P<word>     [A-Za-z_]\w* )
    | (?P<other>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FIRST_WORDS = ("select", "with")
_CHANGING_WORDS = {"alter", "call", "copy", "create", "delete", "drop", "execute", "grant", "insert", "into", "lock"}
_CHANGING_WORDS |= {"merge", "revoke", "truncate", "update", "vacuum"}


class NoReadOnlyQuery(InvalidField):
    """The query is not one SELECT, or has other placeholders than :start_date and :end_date."""

    code = "no_read_only_query"


@dataclass(frozen=True)
class ReadOnlyQuery:
    """One statement that reads. `by_window`: it has the placeholders of a window of days."""

    text: str
    by_window: bool

    def written(self, placeholder: Callable[[str], str], literal: Callable[[str], str] = str) -> str:
        """The statement with `placeholder(name)` for each of its own, and all other text as `literal` writes it."""
        parts = []
        for token in _TOKEN.finditer(self.text):
            name = token["parameter"]
            parts.append(literal(token[0]) if name is None else placeholder(name))
        return "".join(parts)


def read_only_query(text: str, pointer: str) -> ReadOnlyQuery:
    """The query that somebody gives; raises NoReadOnlyQuery at the pointer."""

    def refused(why: str) -> NoReadOnlyQuery:
        return NoReadOnlyQuery(pointer, f"{why}: give one query that reads (select, or with ... select)")

    if "\0" in text:
        raise refused("the query holds a NUL character")
    tokens = [token for token in _TOKEN.finditer(text) if token["comment"] is None and not token[0].isspace()]
    while tokens and tokens[-1][0] == ";":
        tokens.pop()
    if not tokens:
        raise refused("the query is empty")
    for token in tokens:
        if token[0] == ";":
            raise refused("the query has several statements")
        if text.startswith(("/*!", "/*M!"), token.start()):
            raise refused("the query has a comment that MySQL would run")
        if token[0] in ("'", '"', "`"):
            raise refused(f"the query has a {token[0]} that nothing closes")
        if token["word"] is not None and token["word"].lower() in _CHANGING_WORDS:
            raise refused(f"the query has the word {token['word']} (a column of that name is to be quoted)")
    first = next((token[0].lower() for token in tokens if token[0] != "("), "")
    if first not in _FIRST_WORDS:
        raise refused(f"the query begins with {first[:20]!r}")
    names = {token["parameter"] for token in tokens if token["parameter"] is not None}
    if unknown := sorted(names - {START, END}):
        raise NoReadOnlyQuery(pointer, f"the query has the placeholder {unknown[0]!r}; allowed: :{START} and :{END}")
    if len(names) == 1:
        raise NoReadOnlyQuery(
            pointer, f"the query has :{names.pop()} alone: give both :{START} and :{END}, or neither of them"
        )
    last = tokens[-1].end()
    return ReadOnlyQuery(text[tokens[0].start() : last], bool(names))
