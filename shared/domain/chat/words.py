"""The words of a question: folded, singular, with what is quoted kept whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.domain.folding import folded

_QUOTED = re.compile(r'"([^"]{1,200})"')
_WORD = re.compile(r"[a-z0-9][a-z0-9'&./_-]*[a-z0-9]|[a-z0-9&]|[^\W_][\w'-]*")
_SHORT = {
    "what's": "what is", "whats": "what is", "who's": "who is", "where's": "where is", "how's": "how is",
    "i'm": "i am", "we're": "we are", "that's": "that is", "it's": "it is", "there's": "there is", "let's": "let us",
    "shud": "should", "cud": "could", "wot": "what", "wat": "what", "pls": "please", "plz": "please", "u": "you",
    "r": "are", "thx": "thanks", "asap": "urgent",
    "i've": "i have", "we've": "we have", "i'd": "i would", "we'd": "we would", "don't": "do not", "dont": "do not",
    "doesn't": "does not", "doesnt": "does not", "didn't": "did not", "isn't": "is not", "aren't": "are not",
    "hasn't": "has not", "hasnt": "has not", "haven't": "have not", "won't": "will not", "can't": "can not",
    "cannot": "can not", "shouldn't": "should not", "wasn't": "was not", "i'll": "i will", "we'll": "we will",
}  # fmt: skip
_KEPT = frozenset(
    "is this us as was has does plus minus always status campus bus gas yes its less christmas".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Words:
    """A question's words in order, and the texts that it quotes, which are names and nothing else."""

    words: tuple[str, ...]
    quoted: tuple[str, ...]


def words_of(question: str) -> Words:
    """Folded, contractions written out, possessives taken off; numbers stay as they are."""
    text = folded(question)
    quoted = tuple(match.strip() for match in _QUOTED.findall(text) if match.strip())
    text = _QUOTED.sub(" ", text)
    found: list[str] = []
    for word in _WORD.findall(text):
        if word in _SHORT:
            found += _SHORT[word].split()
        else:
            found.append(re.sub(r"'s?$", "", word) or word)
    return Words(tuple(found), quoted)


def singular(word: str) -> str:
    """A word without the ending of a plural: `deliveries` is `delivery`, `boxes` is `box`, `mugs` is `mug`."""
    if word in _KEPT or len(word) < 4 or word.endswith(("ss", "us", "is")) or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def distance(first: str, second: str, most: int) -> int:
    """Letters to put in, leave out, change or swap to make one of the other; `most` + 1 for more than `most`."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first, 1):
        earlier, before, row = before, row, [at]
        for place, other in enumerate(second, 1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != other))
            if earlier and place > 1 and letter == second[place - 2] and first[at - 2] == other:
                cost = min(cost, earlier[place - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)


def mistypes(length: int) -> int:
    """How many letters of a word of this length may be wrong."""
    return 0 if length < 4 else 1 if length < 7 else 2
