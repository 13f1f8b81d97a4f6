"""Texts of any script on A4 pages: which font has them, how they wrap, and what stands for what no font has.

Texts are set in DejaVu Sans (Latin, Greek, Cyrillic, Arabic, Hebrew and more) and, where it lacks a character, in
WenQuanYi Micro Hei (Chinese, Japanese, Korean). What neither has is a box.

Lines are wrapped here, by the widths of their characters, and set one by one: the library's own tables measure each
text several times, character by character, and take ten times as long for 500 lines in Chinese (measured). A line that
one font has needs no look at the other, and only one that runs from right to left needs its letters joined.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN_MM = 15
LINE_MM = 4.2
GREY, RED, BLACK = (105, 105, 105), (190, 0, 0), (0, 0, 0)
PAGE_COUNT = (
    "\ue000\ue000\ue000"  # stands for the number of pages until it is known; no text of an order prints as this
)

_FONTS = Path(__file__).parent / "fonts"
_LATIN, _CHINESE = "DejaVu", "WenQuanYi"
_BOX = "\N{WHITE SQUARE}"
_RIGHT_TO_LEFT = ("R", "AL")
_JOINERS = "\u200c\u200d"  # shape the letters beside them
_MM_PER_POINT = 25.4 / 72


class Sheet:
    """Pages that texts are put on. `text` is every text that is not ours: it decides which fonts are read."""

    def __init__(self, text: str, header: Callable[[Sheet], None], footer: Callable[[Sheet], None]) -> None:
        self.pdf = _page_class()(lambda: header(self), lambda: footer(self))
        self.pdf.set_margins(MARGIN_MM, MARGIN_MM)
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.alias_nb_pages(PAGE_COUNT)
        self.pdf.add_font(_LATIN, fname=_FONTS / "DejaVuSans.ttf")
        self.pdf.add_font(_LATIN, style="B", fname=_FONTS / "DejaVuSans-Bold.ttf")
        self._latin, self._bold = self._widths(_LATIN), self._widths(f"{_LATIN}B")
        self._chinese: dict[int, float] = {}
        # Each of the two extras takes as long as the rest together.
        if any(ord(character) not in self._latin for character in set(text) if character.isprintable()):
            self.pdf.add_font(_CHINESE, fname=_FONTS / "wqy-microhei.ttc")
            self._chinese = self._widths(_CHINESE)
        self._turns = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in set(text))
        self._glyphs: dict[str, str] = {}

    @property
    def room_mm(self) -> float:
        """What is left of the page above its footer."""
        return float(self.pdf.h - 1.5 * MARGIN_MM - self.pdf.y)

    def put(
        self, x: float, y: float, width: float, line: str, size: float, *, bold: bool = False, align: str = "L"
    ) -> None:
        """One line, `line` as `wrapped` gave it, in a box of this width."""
        codes = {ord(character) for character in line}
        if codes <= (self._bold if bold else self._latin).keys():
            self._set(line, _LATIN, "B" if bold else "", x, y, width, size, align)
        elif codes <= self._chinese.keys():
            self._set(line, _CHINESE, "", x, y, width, size, align)
        else:
            self.pdf.set_fallback_fonts([_CHINESE] if self._chinese else [])
            self._set(line, _LATIN, "", x, y, width, size, align)
            self.pdf.set_fallback_fonts([])

    def wrapped(self, text: str | None, width: float, size: float, *, bold: bool = False) -> list[str]:
        """The text's lines, as they can be set in this width: broken between words, or in a word wider than that."""
        widths = self._bold if bold else self._latin
        room = width / (size * _MM_PER_POINT * 0.001)
        printable = (self._printable(line) for line in (text or "").splitlines())
        return [part for line in printable if line for part in self._broken(line, widths, room)]

    def output(self) -> bytes:
        """The file. Glyphs are embedded as they are: computing their bounds anew takes eight times as long."""
        fonts: Any = self.pdf.fonts
        for font in fonts.values():
            font.ttfont.recalcBBoxes = False
        return bytes(self.pdf.output())

    def _set(self, line: str, font: str, style: str, x: float, y: float, width: float, size: float, align: str) -> None:
        turns = self._turns and any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line)
        if turns:
            self.pdf.set_text_shaping(use_shaping_engine=True)
        self.pdf.set_font(font, style, size)
        self.pdf.set_xy(x, y)
        self.pdf.cell(width, LINE_MM * size / 9, line, align=align)
        if turns:
            self.pdf.set_text_shaping(use_shaping_engine=False)

    def _broken(self, line: str, widths: dict[int, float], room: float) -> Iterator[str]:
        start, used, last_space = 0, 0.0, -1
        for place, character in enumerate(line):
            code = ord(character)
            used += widths[code] if code in widths else self._chinese.get(code, 0.0)
            if character == " ":
                last_space = place
            elif used > room and place > start:
                end = last_space if last_space > start else place
                yield line[start:end].rstrip()
                start = end + 1 if end == last_space else end
                used = sum(
                    widths[ord(each)] if ord(each) in widths else self._chinese.get(ord(each), 0.0)
                    for each in line[start : place + 1]
                )
                last_space = -1
        yield line[start:].rstrip()

    def _printable(self, line: str) -> str:
        return "".join(self._glyph(character) for character in line).strip()

    def _glyph(self, character: str) -> str:
        """As it can be set: a space for a control character, a box for what no font has."""
        glyph = self._glyphs.get(character)
        if glyph is None:
            glyph = self._glyphs[character] = self._new_glyph(character)
        return glyph

    def _new_glyph(self, character: str) -> str:
        kind = unicodedata.category(character)
        if kind == "Cc":
            return " "
        if kind == "Cf" and character not in _JOINERS:  # invisible, or turns the direction of what follows
            return ""
        if kind == "Co":  # means something to some systems only, and to this one the number of pages
            return _BOX
        return character if ord(character) in self._latin or ord(character) in self._chinese else _BOX

    def _widths(self, font: str) -> dict[int, float]:
        """The width of each character that the font has, in thousandths of its size."""
        found: Any = self.pdf.fonts[font.lower() if not font.endswith("B") else f"{font[:-1].lower()}B"]
        return {code: found.cw[code] for code in found.cmap}


@cache
def _page_class() -> Callable[[Callable[[], None], Callable[[], None]], FPDF]:
    from fpdf import FPDF  # half a second: only for who wants a PDF

    class Pages(FPDF):
        def __init__(self, header: Callable[[], None], footer: Callable[[], None]) -> None:
            super().__init__(format="A4")
            self._headed, self._footed = header, footer

        def header(self) -> None:
            self._headed()

        def footer(self) -> None:
            self._footed()

    return Pages
