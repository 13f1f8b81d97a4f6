"""What a question asks for: a tool and its arguments, once the names in it are known. Rules in the order in which they
are tried; each names the topics that it goes by."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from shared.domain.chat.asked import (
    SOON_DAYS,
    Meaning,
    Missing,
    Names,
    Rule,
    risk_of,
    suggestion_arguments,
    suppliers_of,
    where,
    without_none,
)
from shared.domain.chat.commands import command
from shared.domain.chat.lexicon import Topic
from shared.domain.chat.question import Question


def meaning_of(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    """What is asked for; None where nothing of it is understood."""
    for rule in _RULES:
        meant = rule(question, names, today)
        if meant is not None:
            return meant
    return None


def _order_by_number(question: Question, names: Names, today: dt.date) -> Meaning | None:
    return None if question.po_number is None else Meaning("list_orders", {"search": question.po_number, "limit": 5})


def _why(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    if not question.about(Topic.WHY) or question.about(Topic.REJECTS):
        return None
    if question.about(Topic.TREND) and not names.narrows:
        return _trend(question, names, today)
    if names.item_id is not None:
        return Meaning("product_metrics", without_none(item_id=names.item_id, location_id=names.location_id))
    return Missing("product") if question.named else None


def _accuracy(question: Question, names: Names, today: dt.date) -> Meaning | None:
    if not question.about(Topic.ACCURACY) and not (question.about(Topic.FORECAST) and question.about(Topic.RELIABLE)):
        return None
    group = "category" if question.about(Topic.CATEGORIES) else "item" if question.about(Topic.PRODUCTS) else None
    against_naive = "than" in question.words  # whose "last week" is no period
    return Meaning(
        "forecast_accuracy",
        without_none(
            item_id=names.item_id,
            group_by=None if names.item_id else group,
            **({} if against_naive else _past(question, today)),
        ),
    )


def _past(question: Question, today: dt.date) -> dict[str, Any]:
    """The days of a time that has begun; nothing for one to come."""
    span = question.span
    return {} if span is None or span.start >= today else {"from_date": span.start, "to_date": min(span.end, today)}


def _campaigns(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    if not question.about(Topic.CAMPAIGNS) and names.campaign_id is None:
        return None
    if names.campaign_id is not None:
        went = question.about(Topic.RESULT, Topic.MONEY, Topic.RELIABLE) or {"sell", "sold"} & set(question.words)
        tool = "campaign_performance" if went and not question.about(Topic.ENOUGH) else "campaign_details"
        first, *rest = [Meaning(tool, {"campaign_id": each}) for each in names.campaign_ids or (names.campaign_id,)]
        return replace(first, further=tuple(rest[:2]))
    if question.about(Topic.RELIABLE) and question.named:
        return Missing("campaign")
    status = [
        status
        for topic, status in ((Topic.RUNNING, "running"), (Topic.PLANNED, "planned"), (Topic.ENDED, "ended"))
        if question.about(topic)
    ]
    return Meaning("list_campaigns", without_none(status=status))


_FAILED = frozenset("failed fail fails failing failures failure broke broken crashed crash".split())  # noqa: SIM905
_RECORDS = frozenset("row rows record records file files import imports rejected".split())  # noqa: SIM905


def _work(question: Question, names: Names, today: dt.date) -> Meaning | None:
    if question.about(Topic.DATA_CHECK):
        return Meaning("data_validation")
    if question.about(Topic.CHANGES) and not names.narrows:
        ordered = "purchase_order" if question.about(Topic.ORDERS) else None
        subject = "settings" if "settings" in question.words else ordered
        return Meaning("list_changes", without_none(subject=subject, **_past(question, today)))
    if question.about(Topic.REJECTS) and _RECORDS & set(question.words):
        return Meaning("list_imports")
    runs = question.about(Topic.WORK) and not question.about(Topic.RUN_OUT, Topic.LOW, Topic.PROMOTE, Topic.CAMPAIGNS)
    if not runs:
        return None
    imports = {"import", "imports", "sync", "syncs", "upload", "uploads", "file", "files", "rejected"}
    tool = "list_imports" if imports & set(question.words) else "list_operations"
    failed = bool(_FAILED & set(question.words)) and question.words[0] not in ("did", "has", "have", "was", "were")
    return Meaning(tool, without_none(status=["failed"] if failed else None))


def _transfers(question: Question, names: Names, today: dt.date) -> Meaning | None:
    if not question.about(Topic.TRANSFERS):
        return None
    to, away = None, None
    if names.to_location_id is not None:
        away, to = names.location_id, names.to_location_id
    elif names.location_id is not None:
        words = list(question.words)
        from_there = "from" in words and "to" not in words[words.index("from") :]
        away, to = (names.location_id, None) if from_there else (None, names.location_id)
    return Meaning(
        "suggested_transfers",
        without_none(from_location_id=away, to_location_id=to, item_id=names.item_id, category=names.category),
    )


def _cart(question: Question, names: Names, today: dt.date) -> Meaning | None:
    return Meaning("cart") if question.about(Topic.CART) else None


def _suppliers(question: Question, names: Names, today: dt.date) -> Meaning | None:
    words = set(question.words)
    who = question.about(Topic.SUPPLIERS) or names.supplier_id is not None
    often = question.about(Topic.OVERDUE) and {"often", "usually", "always"} & words
    spent = question.about(Topic.SPEND) and not question.about(Topic.TO_ORDER, Topic.CART, Topic.FORECAST)
    if who and (question.about(Topic.RELIABLE) or often or spent) and names.item_id is None:
        about = "spend" if spent and not question.about(Topic.RELIABLE) else None
        return Meaning(
            "supplier_performance", without_none(supplier_id=suppliers_of(names), about=about, **_past(question, today))
        )
    if question.about(Topic.RELIABLE) and not names.narrows and not question.about(Topic.FORECAST, Topic.CAMPAIGNS):
        return Meaning("supplier_performance", _past(question, today))
    if names.supplier_id is not None and question.about(Topic.MINIMUM) and not question.about(Topic.CONTACT):
        return Meaning("order_suggestions", {"supplier_id": names.supplier_id})
    if names.item_id is not None and question.about(Topic.COMPARE, Topic.SUPPLIERS, Topic.LEAD_TIME):
        return Meaning("product_suppliers", {"item_id": names.item_id})
    if names.supplier_id is not None and question.about(Topic.LEAD_TIME, Topic.CONTACT):
        return Meaning("supplier_details", {"supplier_id": names.supplier_id})
    return None


_STATUSES = (
    (Topic.PENDING, "pending"),
    (Topic.CONFIRMED, "confirmed"),
    (Topic.SHIPPED, "shipped"),
    (Topic.CANCELLED, "cancelled"),
)
_ON_THE_WAY = ["confirmed", "shipped", "partially_received"]
_OPEN = ["pending", *_ON_THE_WAY]


def _orders(question: Question, names: Names, today: dt.date) -> Meaning | None:
    if question.about(Topic.TO_ORDER) and not question.about(Topic.OVERDUE, Topic.COMING):
        return None
    asked = question.about(
        Topic.ORDERS, Topic.OVERDUE, Topic.PENDING, Topic.SHIPPED, Topic.COMING, Topic.RECEIVED, Topic.MISSING
    )
    if not asked or question.about(
        Topic.NOTHING_ON_ORDER, Topic.RUN_OUT, Topic.BLOCKED, Topic.REDUCE, Topic.AT_RISK, Topic.ENOUGH
    ):
        return None
    if names.item_id is not None:
        return Meaning("product_details", {"item_id": names.item_id})
    status = [status for topic, status in _STATUSES if question.about(topic)]
    if question.about(Topic.RECEIVED) and not question.about(Topic.OVERDUE):
        status.append("received")
    if not status and question.about(Topic.COMING):
        status = list(_ON_THE_WAY)
    if not status and question.about(Topic.OPEN):
        status = list(_OPEN)
    if question.about(Topic.MISSING):
        status = ["partially_received"]
    overdue = True if question.about(Topic.OVERDUE) else None
    waited = {"waiting", "wait", "where", "still"} & set(question.words)
    if waited and not status and not overdue:
        status = list(_OPEN)
    coming = question.about(Topic.COMING)
    ahead = question.span if question.span and question.span.start >= today and not overdue else None
    if ahead is not None:
        status = status or list(_ON_THE_WAY)
    sort = "expected_delivery_date" if coming else "-total_amount" if question.amounts.top else None
    return Meaning(
        "list_orders",
        without_none(
            status=None if overdue else status,
            supplier_id=suppliers_of(names),
            overdue=overdue,
            expected_from=ahead.start if ahead else None,
            expected_to=ahead.end if ahead else None,
            sort=sort,
            search=names.search,
            limit=question.amounts.top,
            **_past(question, today),
        ),
    )


def _to_order(question: Question, names: Names, today: dt.date) -> Meaning | None:
    if not question.about(Topic.TO_ORDER) or question.about(Topic.BLOCKED):
        return None
    if names.item_id is not None:
        return Meaning("product_metrics", {"item_id": names.item_id})
    return Meaning("order_suggestions", suggestion_arguments(question, names))


def _advice(question: Question, names: Names, today: dt.date) -> Meaning | None:
    if not question.about(Topic.ADVICE, Topic.PROMOTE, Topic.REDUCE):
        return None
    kinds = [
        kind
        for topic, kind in (
            (Topic.URGENT, "URGENT"),
            (Topic.DEAD, "DEAD_STOCK"),
            (Topic.PROMOTE, "PROMOTE"),
            (Topic.REDUCE, "REDUCE_ORDER"),
        )
        if question.about(topic)
    ]
    return Meaning(
        "recommendations", without_none(type=kinds, location_id=names.location_id, limit=question.amounts.top)
    )


def _product(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    """One product: how much there is of it, how long it lasts, what is forecast."""
    if names.item_id is None:
        several = names.products and not names.supplier_id and not names.category
        single = question.about(Topic.WHEN, Topic.STOCK, Topic.FORECAST, Topic.COST) and not question.about(Topic.MONEY)
        return Missing("product") if several and single and question.about(Topic.WHEN, Topic.FORECAST) else None
    if question.about(Topic.COMPARE):
        return Meaning("product_suppliers", {"item_id": names.item_id})
    return Meaning("product_details", {"item_id": names.item_id})


def _money(question: Question, names: Names, today: dt.date) -> Meaning | None:
    """Money in stock: as a whole from the dashboard, of a part from the product list."""
    about = question.about(Topic.DEAD, Topic.EXCESS, Topic.STOCK, Topic.LOW, Topic.AT_RISK, Topic.SLOW)
    if not question.about(Topic.MONEY, Topic.AT_RISK) or not about:
        return None
    if question.about(Topic.TREND):
        return _trend(question, names, today)
    listed = {"which", "list", "top", "products", "items"} & set(question.words)
    if names.narrows or question.about(Topic.SLOW) or listed or question.amounts.top:
        return _listed(question, names, today, most_rows=True)
    headline = next((figure for topic, figure in _HEADLINES if question.about(topic)), None)
    rows = _listed(question, names, today) if headline is not None else None
    return Meaning(
        "dashboard", without_none(location_id=names.location_id, about=headline), () if rows is None else (rows,)
    )


_HEADLINES = (
    (Topic.DEAD, "dead_stock_value"),
    (Topic.EXCESS, "excess_value"),
    (Topic.AT_RISK, "sales_at_risk"),
    (Topic.STOCK, "total_inventory_value"),
)


def _trend(question: Question, names: Names, today: dt.date) -> Meaning | None:
    if not question.about(Topic.TREND) or names.narrows:
        return None
    if not question.about(Topic.STOCK, Topic.MONEY, Topic.DEAD, Topic.EXCESS, Topic.LOW, Topic.TREND, Topic.AT_RISK):
        return None
    return Meaning("inventory_trends", without_none(location_id=names.location_id, **_past(question, today)))


def _listed(question: Question, names: Names, today: dt.date, *, most_rows: bool = False) -> Meaning | None:
    """A product list under the conditions that the question names."""
    conditions = _conditions(question, today)
    if not conditions:
        return None
    limit = question.amounts.top or (200 if most_rows else None)
    return Meaning("list_products", {**conditions, **where(names), **without_none(limit=limit)})


def _conditions(question: Question, today: dt.date) -> dict[str, Any]:
    given: dict[str, Any] = {}
    days = question.days(today)
    if question.about(Topic.DEAD):
        given = {"status": ["dead_stock"], "sort": "inventory_value"}
    elif question.about(Topic.UNSOLD):
        since = (
            today - dt.timedelta(days) if days else question.span.start if question.span else today - dt.timedelta(30)
        )
        given = {"max_last_sale": since, "min_current_stock": 1, "sort": "inventory_value"}
    elif question.about(Topic.SLOW):
        given = {"lifecycle": ["slow", "sleeping"], "sort": "inventory_value"}
    elif question.about(Topic.EXCESS):
        given = {"status": ["overstocked"], "sort": "excess_value"}
    elif question.about(Topic.ENOUGH) and days is not None:
        given = {"max_dir": days, "sort": "dir", "descending": False}
    elif question.about(Topic.OUT_OF_STOCK) and not days:
        given = {"max_current_stock": 0, "sort": "sales_at_risk"}
    elif question.about(Topic.RUN_OUT, Topic.OUT_OF_STOCK) or (
        question.about(Topic.STOCK) and days is not None and "last" in question.words
    ):
        soon = days if days is not None else int(question.amounts.units) if question.amounts.units else SOON_DAYS
        given = {"max_dir": soon, "sort": "dir", "descending": False}
    elif question.about(Topic.LOW):
        given = {"status": ["understocked"], "sort": "stockout_risk"}
    elif question.about(Topic.URGENT) or question.amounts.share is not None:
        given = {"min_stockout_risk": risk_of(question), "sort": "stockout_risk"}
    elif question.about(Topic.AT_RISK):
        given = {"min_sales_at_risk": Decimal("0.01"), "sort": "sales_at_risk"}
    elif question.about(Topic.BEST_SELLERS):
        given = {"sort": "expected_daily_demand"}
    elif question.about(Topic.BLOCKED):
        given = {"do_not_order": True}
    elif question.about(Topic.REVIEW):
        given = {"needs_review": True}
    elif question.about(Topic.NOTHING_ON_ORDER):
        given = {"max_on_order": 0, "status": ["understocked"], "sort": "sales_at_risk"}
    if question.abc is not None:
        given = {**(given or {"sort": "inventory_value"}), "abc": [question.abc]}
    if given and question.about(Topic.NOTHING_ON_ORDER):
        given["max_on_order"] = 0
    if given and question.amounts.least_money is not None:
        column = (
            given.get("sort")
            if given.get("sort") in ("inventory_value", "excess_value", "sales_at_risk")
            else "inventory_value"
        )
        given[f"min_{column}"] = question.amounts.least_money
    return given


def _stock_list(question: Question, names: Names, today: dt.date) -> Meaning | None:
    """Whatever else of a supplier, a category or products: their list, the most valuable first."""
    if question.about(Topic.LEAD_TIME) and not names.narrows:
        return Meaning("list_suppliers", {"sort": "-lead_time_days"})
    if names.products or names.search:
        soonest = question.about(Topic.WHEN, Topic.ENOUGH, Topic.RUN_OUT)
        order = {"sort": "dir", "descending": False} if soonest else {"sort": "inventory_value"}
        return Meaning("list_products", {**where(names), **order, **without_none(limit=question.amounts.top)})
    if names.narrows and question.about(Topic.STOCK, Topic.MONEY, Topic.PRODUCTS):
        return Meaning(
            "list_products", {**where(names), "sort": "inventory_value", **without_none(limit=question.amounts.top)}
        )
    if names.supplier_id is not None:
        return Meaning("supplier_details", {"supplier_id": names.supplier_id})
    if names.category is not None:
        return Meaning("list_products", {**where(names), "sort": "inventory_value"})
    if names.location_id is not None:
        return Meaning("dashboard", {"location_id": names.location_id})
    return None


def _lists(question: Question, names: Names, today: dt.date) -> Meaning | None:
    if question.named and not question.about(Topic.OVERVIEW):
        return None
    if question.about(Topic.SUPPLIERS):
        return Meaning("list_suppliers")
    if question.about(Topic.CATEGORIES):
        return Meaning("list_categories")
    if question.about(Topic.LOCATIONS):
        return Meaning("list_locations")
    if question.about(Topic.OVERVIEW, Topic.MONEY, Topic.STOCK) and not question.about(Topic.WHEN):
        return Meaning("dashboard")
    if question.about(Topic.FORECAST):
        return Meaning("forecast_accuracy")
    if (question.about(Topic.PRODUCTS) and question.about(Topic.EVERYTHING)) or (
        {"how", "many"} <= set(question.words) and question.about(Topic.PRODUCTS)
    ):
        return Meaning("dashboard")
    return None


_RULES: tuple[Rule, ...] = (
    command,
    _order_by_number,
    _why,
    _accuracy,
    _work,
    _campaigns,
    _transfers,
    _cart,
    _suppliers,
    _to_order,
    _orders,
    _product,
    _advice,
    _money,
    _trend,
    _listed,
    _stock_list,
    _lists,
)
