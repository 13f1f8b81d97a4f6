"""The replay as a picture: fill rate against stock, a line a policy. Up and to the left is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from forecast_job.replay.simulated_store import ReplayScore

_WIDTH, _HEIGHT = 900, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 30, 50, 70
_COLOURS = ("#e67e22", "#2980b9", "#1e8449", "#8e44ad")
_INK, _GRID = "#333333", "#dddddd"
_TICKS = 5


def draw(curves: Mapping[str, Sequence[ReplayScore]], stock_label: str, path: Path) -> None:
    """Write a PNG of the curves (policy name: outcomes) to `path`. Raises OSError where it cannot be written."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    points = [one for curve in curves.values() for one in curve]
    most_stock = max(max(one.stock for one in points) * 1.05, 1e-9)
    least_fill = min(min(one.fill_rate for one in points), 0.99)

    def place(stock: float, fill_rate: float) -> tuple[float, float]:
        across, up = stock / most_stock, (fill_rate - least_fill) / (1 - least_fill)
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    for step in range(_TICKS + 1):
        stock, fill = most_stock * step / _TICKS, least_fill + (1 - least_fill) * step / _TICKS
        pen.line([place(stock, least_fill), place(stock, 1)], fill=_GRID)
        pen.line([place(0, fill), place(most_stock, fill)], fill=_GRID)
        x, y = place(stock, least_fill)
        pen.text((x, y + 8), f"{stock:,.0f}", fill=_INK, font=font, anchor="ma")
        x, y = place(0, fill)
        pen.text((x - 8, y), f"{fill:.1%}", fill=_INK, font=font, anchor="rm")
    pen.text((_LEFT, _TOP - 30), "share of units served", fill=_INK, font=font)
    pen.text((_WIDTH - _RIGHT, _HEIGHT - 32), stock_label, fill=_INK, font=font, anchor="ra")
    for index, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[index % len(_COLOURS)]
        line = [place(one.stock, one.fill_rate) for one in sorted(curve, key=lambda one: one.stock)]
        pen.line(line, fill=colour, width=3)
        for x, y in line:
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
        y = _HEIGHT - _BOTTOM - 24 * (len(curves) - index)
        pen.line([(_WIDTH - 270, y), (_WIDTH - 240, y)], fill=colour, width=3)
        pen.text((_WIDTH - 232, y), name, fill=_INK, font=font, anchor="lm")
    image.save(path, format="PNG")
