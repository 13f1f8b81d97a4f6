"""A picture as shapes, and as SVG text. Pixels from the top left; the shapes are drawn in their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

Point = tuple[float, float]
# Characters that XML 1.0 does not allow at all, not even escaped, and one that a reader makes another of.
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ANCHORS = {"left": "start", "middle": "middle", "right": "end"}


@dataclass(frozen=True)
class Area:
    points: Sequence[Point]
    colour: str


@dataclass(frozen=True)
class Line:
    points: Sequence[Point]
    colour: str
    width: float = 1.0


@dataclass(frozen=True)
class Text:
    """`at` is where the baseline begins, has its middle or ends, as `align` says."""

    at: Point
    text: str
    size: int
    colour: str
    align: Literal["left", "middle", "right"] = "left"


Shape = Area | Line | Text


@dataclass(frozen=True)
class Picture:
    """`title` and `description` are for those who do not see it."""

    width: int
    height: int
    title: str
    description: str
    shapes: Sequence[Shape]


def svg(picture: Picture) -> str:
    """The picture as an SVG document on white; whatever texts hold is text."""
    shapes = "\n".join(_element(shape) for shape in picture.shapes)
    size = f'width="{picture.width}" height="{picture.height}" viewBox="0 0 {picture.width} {picture.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">\n'
        f"<title>{_text(picture.title)}</title>\n<desc>{_text(picture.description)}</desc>\n"
        f'<rect width="{picture.width}" height="{picture.height}" fill="#ffffff"/>\n{shapes}\n</svg>\n'
    )


def _element(shape: Shape) -> str:
    if isinstance(shape, Area):
        return f'<polygon points="{_points(shape.points)}" fill="{shape.colour}"/>'
    if isinstance(shape, Line):
        line = f'stroke="{shape.colour}" stroke-width="{shape.width:g}" stroke-linejoin="round"'
        return f'<polyline points="{_points(shape.points)}" fill="none" {line}/>'
    x, y = shape.at
    anchor = "" if shape.align == "left" else f' text-anchor="{_ANCHORS[shape.align]}"'
    look = f'font-size="{shape.size}" fill="{shape.colour}"{anchor}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{_text(shape.text)}</text>'


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))
