"""The backtest as a picture: coverage of the totals against the quantile levels, and the ten items with the largest
loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from forecast_job.backtest.rolling_origin import WorstItem
from forecast_job.drawing import COLOURS, INK, Axes, Canvas, Point
from forecast_job.scores import TotalScores

_WIDTH, _HEIGHT = 1160, 560
_LEFT, _TOP, _SIDE = 70, 60, 420
_BARS_LEFT, _BARS_WIDTH = 700, 170


def draw(scores: Mapping[str, TotalScores], worst: Sequence[WorstItem], worst_of: str, path: Path) -> None:
    """Write a PNG to `path`; `worst_of` names the engine of the `worst` items. Raises OSError when it cannot."""
    canvas = Canvas(_WIDTH, _HEIGHT)
    _coverage(canvas, scores)
    canvas.text((_BARS_LEFT - 90, _TOP - 36), f"ten worst items of {worst_of}: share of its loss")
    most = max((item.loss_share for item in worst), default=0.0)
    for index, item in enumerate(worst):
        y = _TOP + 42 * index + 20
        end = _BARS_LEFT + (_BARS_WIDTH * item.loss_share / most if most > 0 else 0)
        canvas.text((_BARS_LEFT - 10, y), item.item_id[:12], "rm")
        canvas.pen.rectangle((_BARS_LEFT, y - 10, end, y + 10), fill=COLOURS[1])
        note = f"{item.loss_share:.1%}: sold {item.sold:,.0f}, expected {item.expected:,.0f}"
        canvas.text((end + 8, y), note, "lm")
    canvas.image.save(path, format="PNG")


def _coverage(canvas: Canvas, scores: Mapping[str, TotalScores]) -> None:
    def place(level: float, covered: float) -> Point:
        return _LEFT + level * _SIDE, _TOP + (1 - covered) * _SIDE

    Axes(place, (0, 1), (0, 1)).grid(canvas, across="{:.0%}".format, up="{:.0%}".format)
    canvas.pen.line([place(0, 0), place(1, 1)], fill=INK)
    canvas.text((_LEFT, _TOP - 36), "totals at or below the quantile, by its level")
    for index, (name, score) in enumerate(scores.items()):
        colour = COLOURS[index % len(COLOURS)]
        points = [place(level, covered) for level, covered in sorted(score.coverage.items()) if covered == covered]
        canvas.curve(points, colour, dot=3)
        canvas.legend((_LEFT + 14, _TOP + 20 + 22 * index), colour, name)
