"""The conditions of a product list in words, so that an answer says what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.tools.showing import ClientFacts, Kind, day, listed, name, quantity, written

_ALERTS = {
    "stockout_imminent": "about to run out",
    "out_of_stock": "out of stock",
    "dead_stock": "dead stock",
    "needs_review": "whose data need a review",
    "no_forecast": "without a forecast",
}
_STATUSES = {"dead_stock": "dead stock"}
_MONEY = {
    "sales_at_risk": "sales at risk",
    "excess_value": "money in excess stock",
    "inventory_value": "money in stock",
    "unit_cost": "unit cost",
}


def conditions_in_words(query: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], client: ClientFacts) -> str:
    """`understocked, running out within 7 days, from Albion`; empty without any condition."""
    parts = [
        *_stock(query),
        *_days(query),
        *_money(query, client),
        *_sales(query),
        *_flags(query),
        *_places(query, rows),
    ]
    return ", ".join(parts)


def _stock(query: Mapping[str, Any]) -> list[str]:
    parts = []
    if statuses := query.get("status"):
        parts.append(f"{listed([_STATUSES.get(status, status) for status in statuses], 'or')}")
    if alert := query.get("alert"):
        parts.append(_ALERTS[alert])
    least, most = query.get("min_current_stock"), query.get("max_current_stock")
    if most is not None and most <= 0:
        parts.append("with nothing in stock")
    elif most is not None:
        parts.append(f"with at most {quantity(most)} in stock")
    if least is not None:
        parts.append(f"with at least {quantity(least)} in stock")
    if (most := query.get("max_on_order")) is not None:
        parts.append("with nothing on order" if most <= 0 else f"with at most {quantity(most)} on order")
    if query.get("min_on_order") is not None:
        parts.append("on order")
    return parts


def _days(query: Mapping[str, Any]) -> list[str]:
    parts = []
    if (days := query.get("max_dir")) is not None:
        parts.append(f"running out within {_days_of(days)}")
    if (days := query.get("min_dir")) is not None:
        parts.append(f"lasting {_days_of(days)} or more")
    if (risk := query.get("min_stockout_risk")) is not None:
        parts.append(f"with a stockout risk of {risk * 100:.0f} % or more")
    if (days := query.get("min_lead_time_days")) is not None:
        parts.append(f"with {_days_of(days)} or more from order to delivery")
    if (days := query.get("max_lead_time_days")) is not None:
        parts.append(f"with at most {_days_of(days)} from order to delivery")
    return parts


def _money(query: Mapping[str, Any], client: ClientFacts) -> list[str]:
    parts = []
    for column, label in _MONEY.items():
        if (least := query.get(f"min_{column}")) is not None:
            small = least <= 1 and column != "unit_cost"
            parts.append(f"with {label}" + ("" if small else f" of {written(least, Kind.MONEY, client)} or more"))
        if (most := query.get(f"max_{column}")) is not None:
            parts.append(f"with a {label} of at most {written(most, Kind.MONEY, client)}")
    return parts


def _sales(query: Mapping[str, Any]) -> list[str]:
    parts = []
    if lifecycles := query.get("lifecycle"):
        parts.append(listed([f"{each}" for each in lifecycles], "or"))
    if classes := query.get("abc"):
        parts.append(f"of class {listed(list(classes), 'or')}")
    if (date := query.get("max_last_sale")) is not None:
        parts.append(f"last sold on or before {day(date)}")
    if (date := query.get("min_last_sale")) is not None:
        parts.append(f"sold on or after {day(date)}")
    return parts


def _flags(query: Mapping[str, Any]) -> list[str]:
    parts = []
    if query.get("needs_review") is not None:
        parts.append("whose data need a review" if query["needs_review"] else "whose data need no review")
    if query.get("do_not_order") is not None:
        parts.append("not to be ordered" if query["do_not_order"] else "that may be ordered")
    return parts


def _places(query: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    parts = []
    if ids := query.get("supplier_id"):
        names = {row["supplier_id"]: row["supplier_name"] for row in rows if row["supplier_name"]}
        parts.append(f"from {listed([name(names.get(each, each)) for each in ids], 'or')}")
    if categories := query.get("category"):
        parts.append(f"in {listed([name(each) for each in categories], 'or')}")
    if places := query.get("location_id"):
        parts.append(f"at {listed([name(each) for each in places], 'or')}")
    if items := query.get("item_id"):
        parts.append(f"{listed([name(each) for each in items], 'or')}")
    if search := query.get("search"):
        parts.append(f"matching “{name(search)}”")
    return parts


def _days_of(number: float) -> str:
    return f"{quantity(number)} {'day' if number == 1 else 'days'}"
