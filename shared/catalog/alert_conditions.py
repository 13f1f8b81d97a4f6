"""Which rows an alert of the dashboard is about: one condition counts them there and finds them in product lists."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from shared.catalog.dismissed import is_snoozed
from shared.catalog.live import Catalog
from shared.domain.planning.predicates import has_no_forecast, is_dead_stock, is_out_of_stock, is_urgent


class AlertCode(StrEnum):
    """What the dashboard warns of, in the order in which it does."""

    STOCKOUT_IMMINENT = "stockout_imminent"
    OUT_OF_STOCK = "out_of_stock"
    DEAD_STOCK = "dead_stock"
    NEEDS_REVIEW = "needs_review"
    NO_FORECAST = "no_forecast"


# Alerts that ask for an order: they leave out what somebody has said is not to be ordered for now.
ORDER_ALERTS = (AlertCode.STOCKOUT_IMMINENT, AlertCode.OUT_OF_STOCK)


def alert_condition(code: AlertCode, catalog: Catalog) -> pl.Expr:
    """Whether the alert is about a row."""
    about = concerned(code, catalog)
    return about & ~is_snoozed(catalog) if code in ORDER_ALERTS else about


def concerned(code: AlertCode, catalog: Catalog) -> pl.Expr:
    """Whether the alert would be about a row if nothing was dismissed."""
    if code is AlertCode.STOCKOUT_IMMINENT:
        return is_urgent(catalog.settings.recommendation_rules.threshold_filters)
    if code is AlertCode.OUT_OF_STOCK:
        return is_out_of_stock()
    if code is AlertCode.DEAD_STOCK:
        return is_dead_stock()
    if code is AlertCode.NEEDS_REVIEW:
        return pl.col("needs_review")
    return has_no_forecast()
