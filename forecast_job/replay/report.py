"""The results of a replay in words: the table of its runs, and what to make of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from forecast_job.replay.simulated_store import ReplayScore

_COMPARED_FILL_RATE = 0.95


@dataclass(frozen=True)
class Run:
    """A policy at one setting, both in words, and the outcome."""

    policy: str
    setting: str
    outcome: ReplayScore


def curves(runs: Sequence[Run]) -> dict[str, list[ReplayScore]]:
    """The outcomes of each policy."""
    outcomes_of: dict[str, list[ReplayScore]] = {}
    for run in runs:
        outcomes_of.setdefault(run.policy, []).append(run.outcome)
    return outcomes_of


def stock_needed(outcomes: Sequence[ReplayScore], fill_rate: float) -> float | None:
    """The stock at a fill rate, linear between the two outcomes around it; None where they do not reach it."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.stock)
    for low, high in itertools.pairwise(ordered):
        if low.fill_rate <= fill_rate <= high.fill_rate and low.fill_rate < high.fill_rate:
            share = (fill_rate - low.fill_rate) / (high.fill_rate - low.fill_rate)
            return low.stock + share * (high.stock - low.stock)
    return None


def table(runs: Sequence[Run]) -> str:
    """The runs as text, a line each."""
    lines = [["policy", "setting", "stock", "fill rate", "of value", "cycle service", "orders", "cost"]]
    for run in runs:
        outcome = run.outcome
        figures = [
            f"{outcome.stock:,.0f}",
            f"{outcome.fill_rate:.1%}",
            f"{outcome.value_fill_rate:.1%}",
            f"{outcome.cycle_service:.1%}",
            f"{outcome.orders:,}",
            f"{outcome.cost:,.0f}",
        ]
        lines.append([run.policy, run.setting, *figures])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def advice(runs: Sequence[Run]) -> str:
    """What the comparison says and what to do next."""
    needed = {name: stock_needed(curve, _COMPARED_FILL_RATE) for name, curve in curves(runs).items()}
    reached = {name: stock for name, stock in needed.items() if stock is not None}
    if not reached:
        return (
            f"No policy passes a fill rate of {_COMPARED_FILL_RATE:.0%} between two of its settings, so they cannot be "
            "compared there: look at the picture, or play more items or weeks (--items, --weeks)."
        )
    stocks = ", ".join(f"{name} {stock:,.0f}" for name, stock in sorted(reached.items(), key=lambda pair: pair[1]))
    best = min(reached, key=lambda name: reached[name])
    return (
        f"Stock needed for a fill rate of {_COMPARED_FILL_RATE:.0%}: {stocks}. Least with {best}.\n"
        "Next: play other draws and spans (--seed 1, --weeks 26). If the order of the policies holds, change the "
        "settings: replenishment_policy, level_allocation, service_level, safety_buffer_days, holding_cost_rate."
    )
