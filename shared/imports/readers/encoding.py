"""In which encoding a text file is written.

A byte order mark says it, and text in UTF-8 shows it: hardly anything else happens to be valid UTF-8. A few wrong bytes
in a file of UTF-8 do not make it another encoding; they cost their lines. What is left was saved by a spreadsheet in
the Windows code page of its country, and each of these reads any bytes. So they are tried on the words of the file: a
wrong one gives words that no language has, with signs within (`¿ó³ty`), of two scripts (`Cafй`), or of accented letters
alone (`×àøêàìè`). The first that gives none is taken. A file of which each gives some, or of which another reading is
as likely, is not read until somebody says in which it is written.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from shared.domain.imports.import_errors import AmbiguousEncoding, NulByte, UnreadableFile

Open = Callable[[], BinaryIO]

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Windows code pages by how much is written in them: western, central European, Cyrillic, Greek, Turkish.
CODE_PAGES = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254")
# In a file of UTF-8: at most one line in so many, of those with letters beyond ASCII, that is none.
_RIGHT_LINES_PER_WRONG_ONE = 20
_MOST_WORDS = 5000
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_MOST_ACCENTED_IN_A_ROW = 3  # Żółw
_SURROGATE = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_SIGNS = ("Sm", "So", "Sc", "Sk", "No", "Cc")  # none of these stands before a letter
_DEGREES = ("°C", "°F")
_SIGNS_LIKE_LETTERS = {"FEMININE", "MASCULINE", "MICRO"}
# Letters that few western languages have, and whose bytes other code pages read as letters that theirs have.
_CONTESTED = frozenset("þÞðÐýÝõÕøØ")
_SHOWN_WORDS = 3
_BLOCK_BYTES = 1024 * 1024
_LOOKED_AT_BYTES = 4096
MAX_LINE_LENGTH = 4 * 1024 * 1024  # 128 of the longest cells; each of its commas is a cell of 8 bytes in memory


class TextEncoding(NamedTuple):
    """An encoding by its name; a `damaged` file has lines with bytes that are no text in it."""

    name: str
    damaged: bool = False

    @property
    def errors(self) -> str:
        """How to open the file: what is no text is kept to be found by `is_damaged`."""
        return "surrogateescape" if self.damaged else "strict"


def is_damaged(text: str) -> bool:
    """Whether bytes of a text opened with surrogateescape are no text."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def detect_encoding(open_file: Open) -> TextEncoding:
    """How the file is written; raises AmbiguousEncoding, and UnreadableFile or NulByte for what is no text."""
    with open_file() as file:
        start = file.read(_LOOKED_AT_BYTES)
    for mark, name in _MARKS:
        if start.startswith(mark) and name != "utf-8-sig":
            return given_encoding(open_file, name)
    if (place := start.find(b"\0")) >= 0:
        raise NulByte(f"byte {place + 1} of the file is NUL, so it is no text: save the file as CSV in UTF-8")
    right, wrong, words = _lines_beyond_ascii(open_file)
    marked = start.startswith(codecs.BOM_UTF8)
    if marked or wrong * _RIGHT_LINES_PER_WRONG_ONE <= right:
        return TextEncoding("utf-8-sig" if marked else "utf-8", damaged=wrong > 0)
    return TextEncoding(_code_page(words))


def _lines_beyond_ascii(open_file: Open) -> tuple[int, int, Counter[bytes]]:
    """How many lines are UTF-8, how many are not, and the words of the latter that have letters beyond ASCII."""
    right = wrong = 0
    words = Counter[bytes]()
    with open_file() as file:
        for line in iter(lambda: file.readline(MAX_LINE_LENGTH), b""):
            if line.isascii():
                continue
            try:
                line.decode()
                right += 1
            except UnicodeDecodeError:
                wrong += 1
                if len(words) < _MOST_WORDS:
                    words.update(_WORD.findall(line))
    return right, wrong, words


def given_encoding(open_file: Open, encoding: str) -> TextEncoding:
    """The encoding that a file is said to be in; raises UnreadableFile where it is not."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with open_file() as file:
            while block := file.read(_BLOCK_BYTES):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise UnreadableFile(f"the file is no text in {encoding}: {error}") from error
    return TextEncoding(encoding)


def _code_page(words: Counter[bytes]) -> str:
    readings = {page: reading for page in CODE_PAGES if (reading := _reading(words, page)) is not None}
    if not readings:
        raise UnreadableFile("the file is no text in UTF-8 or a Windows code page; save it as CSV in UTF-8")
    plausible = [page for page, reading in readings.items() if not any(is_odd(word) for word in reading)]
    if not plausible:
        raise _ambiguous(readings, list(readings))
    first, *others = plausible
    if others and _CONTESTED.intersection("".join(readings[first])):
        raise _ambiguous(readings, plausible)
    return first


def _reading(words: Counter[bytes], page: str) -> list[str] | None:
    """The words in this code page; None where it has no character for a byte."""
    try:
        return [word.decode(page) for word in words]
    except UnicodeDecodeError:
        return None


def is_odd(word: str) -> bool:
    """Whether no language has such a word."""
    pairs = list(pairwise(word))
    if any(_is_sign(sign) and letter.isalpha() and sign + letter not in _DEGREES for sign, letter in pairs):
        return True
    scripts = {unicodedata.name(letter, "").split()[0] for letter in word if letter.isalpha()} - _SIGNS_LIKE_LETTERS
    if len(scripts) > 1 or any(before.islower() and letter.isupper() for before, letter in pairs):
        return True
    return "LATIN" in scripts and any(len(run) > _MOST_ACCENTED_IN_A_ROW for run in _BEYOND_ASCII.findall(word))


def _is_sign(character: str) -> bool:
    return unicodedata.category(character) in _SIGNS


def _ambiguous(readings: Mapping[str, list[str]], pages: Sequence[str]) -> AmbiguousEncoding:
    shown = "; ".join(f"{page} reads {', '.join(readings[page][:_SHOWN_WORDS])}" for page in pages)
    detail = f"the file is not in UTF-8, and which code page it is in cannot be told: say `encoding`; {shown}"
    return AmbiguousEncoding(detail, pages, readings[pages[0]][:_SHOWN_WORDS])
