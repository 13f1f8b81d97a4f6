"""The backtest as a picture: coverage of the totals against the quantile levels, and the ten items with the largest
loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from forecast_job.backtest.rolling_origin import WorstItem
from forecast_job.scores import TotalScores

_WIDTH, _HEIGHT = 1160, 560
_LEFT, _TOP, _SIDE = 70, 60, 420
_BARS_LEFT, _BARS_WIDTH = 700, 170
_COLOURS = ("#e67e22", "#2980b9", "#1e8449", "#8e44ad")
_INK, _GRID = "#333333", "#dddddd"
_TICKS = 5


def draw(scores: Mapping[str, TotalScores], worst: Sequence[WorstItem], worst_of: str, path: Path) -> None:
    """Write a PNG to `path`; `worst_of` names the engine of the `worst` items. Raises OSError when it cannot."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    _coverage(pen, font, scores)
    pen.text((_BARS_LEFT - 90, _TOP - 36), f"ten worst items of {worst_of}: share of its loss", fill=_INK, font=font)
    most = max((one.loss_share for one in worst), default=0.0)
    for index, one in enumerate(worst):
        y = _TOP + 42 * index + 20
        end = _BARS_LEFT + (_BARS_WIDTH * one.loss_share / most if most > 0 else 0)
        pen.text((_BARS_LEFT - 10, y), one.item_id[:12], fill=_INK, font=font, anchor="rm")
        pen.rectangle((_BARS_LEFT, y - 10, end, y + 10), fill=_COLOURS[1])
        note = f"{one.loss_share:.1%}: sold {one.sold:,.0f}, expected {one.expected:,.0f}"
        pen.text((end + 8, y), note, fill=_INK, font=font, anchor="lm")
    image.save(path, format="PNG")


def _coverage(
    pen: ImageDraw.ImageDraw, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, scores: Mapping[str, TotalScores]
) -> None:
    def place(level: float, covered: float) -> tuple[float, float]:
        return _LEFT + level * _SIDE, _TOP + (1 - covered) * _SIDE

    for step in range(_TICKS + 1):
        at = step / _TICKS
        pen.line([place(at, 0), place(at, 1)], fill=_GRID)
        pen.line([place(0, at), place(1, at)], fill=_GRID)
        pen.text((place(at, 0)[0], _TOP + _SIDE + 8), f"{at:.0%}", fill=_INK, font=font, anchor="ma")
        pen.text((_LEFT - 8, place(0, at)[1]), f"{at:.0%}", fill=_INK, font=font, anchor="rm")
    pen.line([place(0, 0), place(1, 1)], fill=_INK)
    pen.text((_LEFT, _TOP - 36), "totals at or below the quantile, by its level", fill=_INK, font=font)
    for index, (name, one) in enumerate(scores.items()):
        colour = _COLOURS[index % len(_COLOURS)]
        points = [place(level, covered) for level, covered in sorted(one.coverage.items()) if covered == covered]
        pen.line(points, fill=colour, width=3)
        for x, y in points:
            pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=colour)
        y = _TOP + 20 + 22 * index
        pen.line([(_LEFT + 14, y), (_LEFT + 44, y)], fill=colour, width=3)
        pen.text((_LEFT + 52, y), name, fill=_INK, font=font, anchor="lm")
