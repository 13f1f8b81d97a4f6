"""A question as the grammar reads it: what it is about, its numbers and times, and the words that may be names."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.chat.amounts import Amounts, amounts_of
from shared.domain.chat.lexicon import PRONOUNS, Topic, corrected, is_stop_word, phrases
from shared.domain.chat.spans import TIME_WORDS, Span, span_of
from shared.domain.chat.words import Words, distance, singular, words_of
from shared.domain.folding import folded

MAX_QUESTION_LENGTH = 500
_LONGEST_PHRASE = 6
_PO_NUMBER = re.compile(r"\bpo-\d{4}-\d{1,9}\b")
_ABC = re.compile(r"\b([abc])[ -](?:class|products?|items?|articles?|skus?)\b|\bclass ([abc])\b")
_POLITE = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|so|and|then|now|please|kindly|just|go ahead and|i want you to|i would like you to|"
    r"i would like to|i'd like to|i want to|i need to|can you|could you|would you|will you|can we|could we|let us|"
    r"let's|"
    r"we should|you should|and)[ ,]+)+"
)
_ASKING = frozenset(
    [
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "how",
        "when",
        "where",
        "why",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "will",
        "would",
        "should",
        "can",
        "could",
        "any",
        "anything",
        "show",
        "list",
        "give",
        "tell",
        "find",
        "display",
        "compare",
    ]
)
_COMMANDS = (
    Topic.BLOCK, Topic.ALLOW, Topic.ADD, Topic.DRAFT, Topic.PLACE, Topic.REMOVE, Topic.CLEAR, Topic.DISMISS,
    Topic.SNOOZE, Topic.BUY,
)  # fmt: skip
_CUES = {
    "from": "supplier", "by": "supplier", "with": "supplier", "supplier": "supplier", "vendor": "supplier",
    "in": "category", "category": "category", "range": "category",
    "at": "location", "location": "location", "warehouse": "location", "shop": "location", "store": "location",
    "campaign": "campaign", "promotion": "campaign",
    "product": "product", "item": "product", "sku": "product",
}  # fmt: skip


@dataclass(frozen=True)
class NameWord:
    """A word that may be part of a name; `cue` is the kind of name that the words before it lead one to expect."""

    word: str
    at: int
    cue: str | None = None
    known: bool = False  # it means something to the grammar too
    after: str | None = None  # the last `from` or `to` before it


@dataclass(frozen=True)
class Question:
    """What was read of a question."""

    text: str
    words: tuple[str, ...]
    topics: frozenset[Topic]
    command: Topic | None  # what it tells to do; None: it asks
    amounts: Amounts
    span: Span | None
    names: tuple[NameWord, ...]
    quoted: tuple[str, ...]
    po_number: str | None
    abc: str | None = None  # the class that it names: A, B or C

    def about(self, *topics: Topic) -> bool:
        """Whether it is about any of these."""
        return not self.topics.isdisjoint(topics)

    @property
    def named(self) -> bool:
        """Whether it holds words that may be names."""
        return bool(self.quoted) or any(not name.known for name in self.names)

    @property
    def budget(self) -> Decimal | None:
        return self.amounts.most_money

    def days(self, today: dt.date) -> int | None:
        """Days from today to the end of its time; None without one."""
        return None if self.span is None else self.span.days_from(today)


def read_question(text: str, today: dt.date) -> Question:
    """Read a question; any text is one, of which nothing may be understood."""
    plain = " ".join(folded(text[:MAX_QUESTION_LENGTH]).split())
    plain = " ".join(_timely(word) for word in plain.split())
    number = _PO_NUMBER.search(plain)
    if number is not None:
        plain = plain.replace(number[0], " ")
    quotes = words_of(plain).quoted
    unquoted = re.sub(r'"[^"]{1,200}"', " ", plain)
    abc = _ABC.search(unquoted)
    if abc is not None:
        unquoted = unquoted.replace(abc[0], " product ", 1)
    span, rest = span_of(unquoted, today)
    amounts, rest = amounts_of(rest)
    read = words_of(rest)
    topics, used = _topics(read.words)
    return Question(
        text=text,
        words=read.words,
        topics=topics,
        command=_command(rest, read),
        amounts=amounts,
        span=span,
        names=_names(read.words, used),
        quoted=quotes,
        po_number=number[0].upper() if number else None,
        abc=(abc[1] or abc[2]).upper() if abc else None,
    )


def _timely(word: str) -> str:
    """The word, or the word of time that was mistyped."""
    bare = word.strip("?.!,;")
    if len(bare) < 6 or bare in TIME_WORDS or not bare.isalpha():
        return word
    near = [time for time in TIME_WORDS if time[0] == bare[0] and distance(bare, time, 1) == 1]
    return word.replace(bare, near[0]) if len(near) == 1 else word


def _topics(words: Sequence[str]) -> tuple[frozenset[Topic], frozenset[int]]:
    """What the words are about, and which of them said so."""
    table = phrases()
    places = [at for at, word in enumerate(words) if word not in PRONOUNS]
    typed = [corrected(words[at]) for at in places]
    found: set[Topic] = set()
    used: set[int] = set()
    at = 0
    while at < len(typed):
        for length in range(min(_LONGEST_PHRASE, len(typed) - at), 0, -1):
            topics = table.get(tuple(typed[at : at + length]))
            if topics is not None:
                found.update(topic for topic in topics if length > 1 or topic not in _COMMANDS or len(topics) == 1)
                used.update(places[at : at + length])
                at += length
                break
        else:
            at += 1
    return frozenset(found), frozenset(used)


def _command(text: str, read: Words) -> Topic | None:
    """What the question tells to do: its first words are a verb of doing, once politeness is taken off."""
    words = words_of(_POLITE.sub("", text.strip())).words
    if not words or (words[0] in _ASKING and not (words[0] in ("do", "can") and words[1:2] == ("not",))):
        return None
    if singular(words[0]) != words[0] or words[1:2] in (("suggestions",), ("suggestion",), ("plan",), ("status",)):
        return None  # `orders placed last week`, `order suggestions for ...`
    table = phrases()
    typed = [corrected(word) if len(word) > 5 else word for word in words]
    for length in range(min(4, len(typed)), 0, -1):
        topics = table.get(tuple(typed[:length]), ())
        for command in _COMMANDS:
            if command in topics:
                return command
    return None


def _names(words: Sequence[str], used: frozenset[int]) -> tuple[NameWord, ...]:
    cue, after = None, None
    names = []
    for at, word in enumerate(words):
        cue = _CUES.get(word, cue)
        after = word if word in ("from", "to") else after
        if at in used or not is_stop_word(word):
            names.append(NameWord(word, at, cue, known=at in used, after=after))
    return tuple(names)
