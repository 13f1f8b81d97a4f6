"""Whose names a question holds: its words against the names that the client's data has, mistyped or in part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.chat.lexicon import Topic
from shared.domain.chat.question import NameWord, Question
from shared.domain.chat.words import distance, mistypes, singular
from shared.domain.folding import folded

_PART = re.compile(r"[^\W_]+")
# Words that many names have, so that they alone say nothing.
_GENERIC = frozenset(
    [
        "ltd",
        "limited",
        "trading",
        "trader",
        "import",
        "export",
        "co",
        "company",
        "son",
        "and",
        "the",
        "of",
        "gmbh",
        "inc",
        "llc",
        "plc",
        "group",
        "supply",
        "wholesale",
        "international",
        "brother",
        "uk",
        "eu",
        "distribution",
        "distributor",
        "store",
        "shop",
        "warehouse",
        "campaign",
        "a",
        "an",
        "for",
        "in",
        "to",
        "ignore",
        "place",
        "all",
        "order",
        "now",
        "http",
    ]
)
EXACT = 10.0  # the score of what is quoted word for word
_WHOLE, _BEGUN, _MISTYPED = 1.0, 0.85, 0.7
_LIKE_THE_BEST = 0.05


class NameKind(StrEnum):
    SUPPLIER = "supplier"
    CATEGORY = "category"
    LOCATION = "location"
    PRODUCT = "product"
    CAMPAIGN = "campaign"


@dataclass(frozen=True)
class Named:
    """Something of the client's data: its id, its name and what else it is called."""

    kind: NameKind
    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """That a name is meant, by these words of the question (of what is quoted: none); the higher, the surer."""

    named: Named
    score: float
    at: frozenset[int]
    whole: bool = False  # every word of the name is there


def matches(question: Question, candidates: Iterable[Named]) -> list[Match]:
    """The names that the question may mean, the surest first."""
    found = [match for named in candidates if (match := _match(question, named)) is not None]
    return sorted(found, key=lambda match: (-match.score, match.named.kind, match.named.name, match.named.id))


@dataclass(frozen=True)
class Chosen:
    """Of each kind the surest name, with those that fit its words alike; and further names of a kind by other words."""

    surest: Mapping[NameKind, tuple[Match, ...]]
    further: Mapping[NameKind, tuple[Match, ...]]

    @property
    def every(self) -> list[Match]:
        return [match for found in (self.surest, self.further) for ties in found.values() for match in ties]

    def first(self, kind: NameKind) -> Match | None:
        return self.surest[kind][0] if kind in self.surest else None

    def of(self, kind: NameKind) -> list[Match]:
        """The names of a kind: the surest, and those by other words."""
        return [*self.surest.get(kind, ())[:1], *self.further.get(kind, ())]


def chosen(found: Sequence[Match]) -> Chosen:
    """Whose names are meant; a word is of one name only, and so is what is quoted."""
    surest: dict[NameKind, tuple[Match, ...]] = {}
    further: dict[NameKind, tuple[Match, ...]] = {}
    taken: frozenset[int] = frozenset()
    for match in found:
        best = surest.get(match.named.kind)
        if best is not None and match.score >= best[0].score - _LIKE_THE_BEST and match.at == best[0].at:
            surest[match.named.kind] = (*best, match)
        elif match.at & taken or (not match.at and surest):
            continue
        elif best is None:
            surest[match.named.kind] = (match,)
        else:
            further[match.named.kind] = (*further.get(match.named.kind, ()), match)
        taken |= match.at
    return Chosen(surest, further)


def _match(question: Question, named: Named) -> Match | None:
    quoted = _quoted(question.quoted, named)
    if quoted is not None:
        return quoted
    for word in question.names:
        if word.word in [folded(text) for text in (named.id, *named.aliases)] and not word.word.isalpha():
            return Match(named, 3.0, frozenset((word.at,)), whole=True)
    parts = list(dict.fromkeys(singular(part) for part in _PART.findall(folded(named.name))))
    telling = [part for part in parts if part not in _GENERIC] or parts
    if not telling:
        return None
    hits = _hits(question.names, parts, named.kind)
    fresh = [hit for hit in hits if not hit[0].known and hit[1] in telling]
    covered = {part for _, part, _ in hits}
    whole = covered >= set(telling)
    if not fresh and not (whole and len(parts) == len(covered)):
        return None
    weight = sum(weight for word, part, weight in hits if part in telling)
    # A name that is all there is surer than one of which a word is; what the words before lead to expect, surer too.
    cue = 0.4 if any(word.cue == named.kind for word, _, _ in hits) else 0.0
    score = weight + 0.5 * len(covered & set(telling)) / len(telling) + cue
    if named.kind is NameKind.CAMPAIGN and question.about(Topic.CAMPAIGNS, Topic.RESULT):
        score += 0.6
    if named.kind is NameKind.PRODUCT and not whole and not any(word.cue == "product" for word, _, _ in hits):
        score -= 0.3
    return Match(named, round(score, 6), frozenset(word.at for word, _, _ in hits), whole)


def _quoted(quoted: Iterable[str], named: Named) -> Match | None:
    """A quoted text is the name itself, or words of it."""
    for text in quoted:
        names = [folded(each) for each in (named.name, named.id, *named.aliases)]
        if text in names:
            return Match(named, EXACT, frozenset(), whole=True)
        words = [singular(word) for word in _PART.findall(text)]
        parts = [singular(part) for part in _PART.findall(folded(named.name))]
        if words and all(any(_weight(word, part) for part in parts) for word in words):
            return Match(named, 5.0 + len(words) / (len(parts) + len(words)), frozenset())
    return None


def _hits(words: Sequence[NameWord], parts: Sequence[str], kind: NameKind) -> list[tuple[NameWord, str, float]]:
    """Words of the question that are words of the name, each with which, and how surely."""
    hits = []
    for word in words:
        single = singular(word.word)
        weight, part = max(((_weight(single, part), part) for part in parts), default=(0.0, ""))
        if weight and (weight == _WHOLE or not word.known):
            hits.append((word, part, weight))
    return hits


def _weight(word: str, part: str) -> float:
    """How surely a word is this word of a name."""
    if word == part:
        return _WHOLE
    if len(word) >= 4 and part.startswith(word):
        return _BEGUN
    if len(part) >= 4 and len(word) >= 4 and word[0] == part[0]:
        most = mistypes(min(len(word), len(part)))
        wrong = distance(word, part, most)
        return _MISTYPED - 0.1 * (wrong - 1) if wrong <= most else 0.0
    return 0.0


def unmatched(question: Question, picked: Iterable[Match]) -> list[str]:
    """The words that may be names and are none of these."""
    at = frozenset().union(*(match.at for match in picked))
    return [name.word for name in question.names if not name.known and name.at not in at]
