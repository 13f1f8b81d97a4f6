"""What the dashboard warns of: for each alert which rows count, how serious it is, and where to see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import polars as pl

from functions.dashboard.schemas import Alert, Severity
from shared.domain.planning.basis import Basis
from shared.domain.planning.stock_status import StockStatus
from shared.domain.settings import ThresholdFilters


@dataclass(frozen=True)
class AlertRule:
    """An alert on the rows that meet `condition`; {risk} in `text` and `link` is the risk above which one is urgent."""

    code: str
    severity: Severity
    condition: Callable[[ThresholdFilters], pl.Expr]
    text: str
    link: str

    def alert(self, count: int, limits: ThresholdFilters, location_id: str | None) -> Alert:
        """The alert on so many rows, of all locations together or of one."""
        risk = f"{limits.urgent_min_risk:g}"
        place = f"&location_id={quote(location_id, safe='')}" if location_id else ""
        return Alert(
            code=self.code,
            severity=self.severity,
            count=count,
            message=f"{count} {self.text.format(risk=risk)}",
            link=self.link.format(risk=risk) + place,
        )


# In the order in which they are shown.
ALERTS = (
    AlertRule(
        "stockout_imminent",
        "critical",
        lambda limits: pl.col("stockout_risk") > limits.urgent_min_risk,
        "products will probably run out before an order arrives (risk above {risk})",
        "/products?min_stockout_risk={risk}&sort=-stockout_risk",
    ),
    AlertRule(
        "out_of_stock",
        "critical",
        lambda _: (pl.col("current_stock") <= 0) & (pl.col("expected_daily_demand") > 0),
        "products are out of stock although they sell",
        "/products?status=understocked&max_current_stock=0",
    ),
    AlertRule(
        "dead_stock",
        "warning",
        lambda _: pl.col("status") == StockStatus.DEAD_STOCK.value,
        "products are in stock that nobody buys any more",
        "/products?dead_stock=true&sort=-inventory_value",
    ),
    AlertRule(
        "needs_review",
        "info",
        lambda _: pl.col("needs_review"),
        "products lack a category or a cost",
        "/products?needs_review=true",
    ),
    AlertRule(
        "no_forecast",
        "info",
        lambda _: pl.col("demand_basis") != Basis.FORECAST.value,
        "products have no forecast; their figures come from recent sales, if any",
        "/products?sort=-inventory_value",
    ),
)


def alerts(rows: pl.DataFrame, limits: ThresholdFilters, location_id: str | None) -> list[Alert]:
    """The alerts that any of the rows gives rise to."""
    counts = rows.select([rule.condition(limits).sum().alias(rule.code) for rule in ALERTS]).row(0, named=True)
    return [rule.alert(counts[rule.code], limits, location_id) for rule in ALERTS if counts[rule.code]]
