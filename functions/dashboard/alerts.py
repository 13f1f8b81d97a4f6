"""What the dashboard warns of: how serious it is, how many products it is about, and where to see them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import polars as pl

from functions.dashboard.schemas import Alert, Severity
from shared.catalog.alert_conditions import ORDER_ALERTS, AlertCode, alert_condition, concerned
from shared.catalog.live import Catalog


@dataclass(frozen=True)
class AlertText:
    """What an alert says; {risk} stands for the risk above which one is urgent. `sort`: of the list that it links."""

    severity: Severity
    text: str
    sort: str


# In the order in which they are shown.
ALERTS = {
    AlertCode.STOCKOUT_IMMINENT: AlertText(
        "critical",
        "products will probably run out before an order arrives (risk above {risk})",
        "-stockout_risk,-sales_at_risk",
    ),
    AlertCode.OUT_OF_STOCK: AlertText(
        "critical", "products are out of stock although they sell", "-sales_at_risk,-expected_daily_demand"
    ),
    AlertCode.DEAD_STOCK: AlertText("warning", "products are in stock that nobody buys any more", "-inventory_value"),
    AlertCode.NEEDS_REVIEW: AlertText("info", "products lack a category or a cost", "-inventory_value"),
    AlertCode.NO_FORECAST: AlertText(
        "info", "products have no forecast; their figures come from recent sales, if any", "-inventory_value"
    ),
}


def alerts(catalog: Catalog, rows: pl.DataFrame, location_id: str | None) -> list[Alert]:
    """The alerts that any of the rows gives rise to, of all locations together or of one."""
    counts = rows.select_seq(
        *(alert_condition(code, catalog).sum().alias(code) for code in ALERTS),
        *((concerned(code, catalog).sum()).alias(f"all {code}") for code in ORDER_ALERTS),
    ).row(0, named=True)
    risk = f"{catalog.settings.recommendation_rules.threshold_filters.urgent_min_risk:g}"
    place = f"&location_id={quote(location_id, safe='')}" if location_id else ""
    return [
        Alert(
            code=code,
            severity=shown.severity,
            count=counts[code],
            snoozed=counts.get(f"all {code}", counts[code]) - counts[code],
            message=f"{counts[code]} {shown.text.format(risk=risk)}",
            link=f"/products?alert={code}&sort={shown.sort}{place}",
        )
        for code, shown in ALERTS.items()
        if counts[code]
    ]
