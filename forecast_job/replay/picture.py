"""The replay as a picture: fill rate against stock, a line a policy. Up and to the left is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from forecast_job.drawing import COLOURS, Axes, Canvas, Point
from forecast_job.replay.simulated_store import ReplayScore

_WIDTH, _HEIGHT = 900, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 30, 50, 70


def draw(curves: Mapping[str, Sequence[ReplayScore]], stock_label: str, path: Path) -> None:
    """Write a PNG of the curves (policy name: outcomes) to `path`. Raises OSError where it cannot be written."""
    canvas = Canvas(_WIDTH, _HEIGHT)
    outcomes = [outcome for curve in curves.values() for outcome in curve]
    most_stock = max(max(outcome.stock for outcome in outcomes) * 1.05, 1e-9)
    least_fill = min(min(outcome.fill_rate for outcome in outcomes), 0.99)

    def place(stock: float, fill_rate: float) -> Point:
        across, up = stock / most_stock, (fill_rate - least_fill) / (1 - least_fill)
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    axes = Axes(place, (0, most_stock), (least_fill, 1))
    axes.grid(canvas, across=lambda stock: f"{stock:,.0f}", up=lambda fill_rate: f"{fill_rate:.1%}")
    canvas.text((_LEFT, _TOP - 30), "share of units served")
    canvas.text((_WIDTH - _RIGHT, _HEIGHT - 32), stock_label, "ra")
    for index, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[index % len(COLOURS)]
        points = [place(outcome.stock, outcome.fill_rate) for outcome in sorted(curve, key=lambda each: each.stock)]
        canvas.curve(points, colour, dot=4)
        canvas.legend((_WIDTH - 270, _HEIGHT - _BOTTOM - 24 * (len(curves) - index)), colour, name)
    canvas.image.save(path, format="PNG")
