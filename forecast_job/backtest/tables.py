"""The backtest as text: engines by metrics, and how often the totals were covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forecast_job.backtest.recency import RecencyScores
from forecast_job.backtest.rolling_origin import EngineScores
from forecast_job.scores import TotalScores

SHOWN_LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)


def daily(scores_of: Mapping[str, EngineScores]) -> str:
    """One line per engine; WQL and WAPE with their change against the first one."""
    base = next(iter(scores_of.values())).scores
    lines = [["engine", "WQL", "", "WAPE", "", "MASE", "RMSE", "bias", "seconds"]]
    for name, engine in scores_of.items():
        score = engine.scores
        losses = [f"{score.wql:.4f}", _change(score.wql, base.wql), f"{score.wape:.4f}", _change(score.wape, base.wape)]
        lines.append(
            [name, *losses, f"{score.mase:.3f}", f"{score.rmse:.2f}", f"{score.bias:+.1%}", f"{engine.seconds:.1f}"]
        )
    return _aligned(lines)


def totals(scores_of: Mapping[str, TotalScores]) -> str:
    """One line per kind of totals: coverage at the shown levels, and units of the 0.9 quantile per unit sold."""
    lines = [["totals", *(f"{level:g}" for level in SHOWN_LEVELS), "stock at .9"]]
    for name, score in scores_of.items():
        lines.append([name, *(f"{score.coverage[level]:.3f}" for level in SHOWN_LEVELS), f"{score.stock:.2f}"])
    return _aligned(lines)


def recency(scores_of: Mapping[str, RecencyScores]) -> str:
    """One line per group of items: how many at all origins, units sold, expected units per unit sold, coverage."""
    lines = [["last sale", "items", "sold", "expected / sold", *(f"{level:g}" for level in SHOWN_LEVELS)]]
    for name, score in scores_of.items():
        ratio = f"{score.expected / score.sold:.2f}" if score.sold > 0 else ""
        covered = (f"{score.coverage[level]:.3f}" if score.items else "" for level in SHOWN_LEVELS)
        lines.append([name, f"{score.items:,}", f"{score.sold:,.0f}", ratio, *covered])
    return _aligned(lines)


def _change(loss: float, base: float) -> str:
    return f"{loss / base - 1:+.1%}" if base > 0 else ""


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    first, *others = (max(map(len, column)) for column in zip(*lines, strict=True))
    return "\n".join(
        "  ".join([name.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, others, strict=True))])
        for name, *cells in lines
    )
