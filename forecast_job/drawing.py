"""What the job's pictures share: size and ink, a grid with labelled axes, curves with their legend; by Pillow.

No chart library for two pictures: Pillow is in the image anyway, matplotlib and what it needs would add 72 MiB to it
(docs/adr/0009-charts-drawn-by-hand.md). The API's charts have a drawing of their own, which also writes SVG.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

COLOURS = ("#e67e22", "#2980b9", "#1e8449", "#8e44ad", "#c0392b", "#7f8c8d")
INK, GRID = "#333333", "#dddddd"
TICKS = 5

Point = tuple[float, float]


class Canvas:
    """A white picture, in pixels from its upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width, height), "white")
        self.pen, self._font = ImageDraw.Draw(self.image), ImageFont.load_default(14)

    def text(self, at: Point, text: str, anchor: str = "la") -> None:
        """A line of text; `anchor` as Pillow has it, upper left by default."""
        self.pen.text(at, text, fill=INK, font=self._font, anchor=anchor)

    def curve(self, points: Sequence[Point], colour: str, dot: int) -> None:
        """A line through the points, with a dot of that radius on each."""
        self.pen.line(points, fill=colour, width=3)
        for x, y in points:
            self.pen.ellipse((x - dot, y - dot, x + dot, y + dot), fill=colour)

    def legend(self, at: Point, colour: str, name: str) -> None:
        """A short line of the colour, and what it stands for."""
        x, y = at
        self.pen.line([(x, y), (x + 30, y)], fill=colour, width=3)
        self.text((x + 38, y), name, "lm")


@dataclass(frozen=True)
class Axes:
    """Where values lie on a canvas: `place` gives the pixels of (across, up), each of them from its least to its most
    value."""

    place: Callable[[float, float], Point]
    across: tuple[float, float]
    up: tuple[float, float]

    def grid(self, canvas: Canvas, across: Callable[[float], str], up: Callable[[float], str]) -> None:
        """Lines at five steps of both axes, labelled in the words of `across` and `up`."""
        (left, right), (bottom, top) = self.across, self.up
        for step in range(TICKS + 1):
            x, y = left + (right - left) * step / TICKS, bottom + (top - bottom) * step / TICKS
            canvas.pen.line([self.place(x, bottom), self.place(x, top)], fill=GRID)
            canvas.pen.line([self.place(left, y), self.place(right, y)], fill=GRID)
            at = self.place(x, bottom)
            canvas.text((at[0], at[1] + 8), across(x), "ma")
            at = self.place(left, y)
            canvas.text((at[0] - 8, at[1]), up(y), "rm")
