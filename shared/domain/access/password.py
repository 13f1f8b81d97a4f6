"""Which passwords are refused (NIST SP 800-63B, 3.1.1.2): what is tried first, and what the user is known by.

There is no rule of composition, which would make people write `Password2024!`. A password is refused when it can be
said in few pieces of which each is one of a few hundred: a common word, a run of the alphabet or of keys, a date, a
character, or the same again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from unicodedata import normalize

from shared.domain.access.email_address import normal_address
from shared.domain.errors import InvalidField

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 1000
_PRODUCT = ("stockcast", "stock cast", "stock-cast")
_LEAST_BESIDE = 6  # letters and figures that stand for themselves, beside a name that everybody knows
_LEAST_PIECES = 5
_SHORTEST_NAME, _SHORTEST_RUN = 3, 3
_LONGEST_REPEATED = 32
_LOOKED_AT = 128  # characters: whoever writes more than these of nothing but runs and words means to
_ORDERS = (
    "abcdefghijklmnopqrstuvwxyza",
    "01234567890",
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "!@#$%^&*()"),
)
_RUNS = tuple(frozenset(map("".join, pairwise(order))) for line in _ORDERS for order in (line, line[::-1]))
_SPELLINGS = tuple(str.maketrans("4@8301!$57", f"aabeo{letter}{letter}sst") for letter in "il")
_DAY, _MONTH, _YEAR = "(?:3[01]|[12][0-9]|0?[1-9])", "(?:1[0-2]|0?[1-9])", "(?:(?:19|20)?[0-9]{2})"
_DATES = tuple(
    re.compile("[ ./-]?".join(parts))
    for parts in ((_DAY, _MONTH, _YEAR), (_MONTH, _DAY, _YEAR), (_YEAR, _MONTH, _DAY), ("(?:19|20)[0-9]{2}",))
)


class PasswordBlank(InvalidField):
    """The password has nothing but white space."""

    code = "password_blank"

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer, "it has nothing but white space; choose one with other characters")


class PasswordTooCommon(InvalidField):
    """The password is one of those that are tried first: a common word, a run, a date, or the same again and again."""

    code = "password_too_common"

    def __init__(self, pointer: str) -> None:
        super().__init__(
            pointer,
            "it is made of common words, runs of keys, dates or repetitions alone, which are tried first; several "
            "words that have nothing to do with each other make a good one",
        )


class PasswordIsAddress(InvalidField):
    """The password is the user's own email address or a part of it, with little else."""

    code = "password_is_address"

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer, "it is your email address or a part of it, with little else; choose another one")


class PasswordIsProduct(InvalidField):
    """The password is the name of Stockcast, with little else."""

    code = "password_is_product"

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer, "it is the name of Stockcast, with little else; choose another one")


PASSWORD_ERRORS = (PasswordBlank, PasswordTooCommon, PasswordIsAddress, PasswordIsProduct)


def check_password(password: str, address: str, pointer: str) -> None:
    """Raises one of PASSWORD_ERRORS for a password that the user of this address may not have."""
    if not password.strip():
        raise PasswordBlank(pointer)
    folded = _folded(password)
    if _is_little_beside(folded, _names(address)):
        raise PasswordIsAddress(pointer)
    if _is_little_beside(folded, _PRODUCT):
        raise PasswordIsProduct(pointer)
    if _fewest_pieces(folded[:_LOOKED_AT]) < _LEAST_PIECES:
        raise PasswordTooCommon(pointer)


def _folded(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _names(address: str) -> Iterator[str]:
    """What an address is made of, the longest first; written backwards too."""
    whole = normal_address(address)
    local, _, domain = whole.rpartition("@")
    names = {whole, local, domain, domain.partition(".")[0], *re.split(r"[^\w]+|_", local)}
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME:
            yield from (name, name[::-1])


def _is_little_beside(text: str, names: Iterable[str]) -> bool:
    rest = text
    for name in names:
        rest = rest.replace(name, "")
    return rest != text and sum(map(str.isalnum, rest)) < _LEAST_BESIDE


def _fewest_pieces(text: str) -> int:
    """In how few pieces the text can be said; also without doubled characters, or its every second one by itself."""
    return min(_pieces(text), _pieces(re.sub(r"(.)\1+", r"\1", text)), _pieces(text[::2]) + _pieces(text[1::2]))


def _pieces(text: str) -> int:
    fewest = [0, *(len(text) for _ in text)]
    written, longest = _common_words()
    spellings = (text, *(text.translate(spelling) for spelling in _SPELLINGS))
    run_ends = [_run_ends(text, run) for run in _RUNS]
    for start in range(len(text)):
        before = fewest[start]
        ends = {start + 1}
        ends |= {ends_here[start] for ends_here in run_ends if ends_here[start] - start >= _SHORTEST_RUN}
        ends |= {found.end() for date in _DATES if (found := date.match(text, start))}
        ends |= {
            end
            for end in range(start + _SHORTEST_NAME, min(start + longest, len(text)) + 1)
            if any(spelling[start:end] in written for spelling in spellings)
        }
        for end in ends:
            fewest[end] = min(fewest[end], before + 1)
        for length in range(1, min(start, _LONGEST_REPEATED) + 1):
            end = min(start + length, len(text))  # the last time it may break off
            if text[start:end] == text[start - length : end - length]:
                fewest[end] = min(fewest[end], before)
    return fewest[-1]


def _run_ends(text: str, run: frozenset[str]) -> list[int]:
    """Where the run ends that begins at each place."""
    ends = [len(text)] * len(text)
    for place in range(len(text) - 2, -1, -1):
        ends[place] = ends[place + 1] if text[place : place + 2] in run else place + 1
    return ends


@cache
def _common_words() -> tuple[frozenset[str], int]:
    """The words that passwords are most often made of, and the length of the longest."""
    words = Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split()
    return frozenset(words), max(map(len, words))
