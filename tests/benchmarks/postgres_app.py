"""The product list and the dashboard over PostgreSQL, in the product's own HTTP pipeline."""

from __future__ import annotations

import os
import threading
from typing import Any

import psycopg
from psycopg.rows import dict_row

from functions.dashboard.schemas import Dashboard, DashboardQuery
from functions.products.schemas import ProductPage, ProductQuery
from shared.catalog.listing import parse_sort
from shared.catalog.schema import PUBLIC_COLUMNS
from shared.domain.access.principal import EVERY_ROLE
from shared.http.access import allow
from shared.http.app import Api
from shared.http.paging import NumberedItems, numbered
from shared.request_context import RequestContext

app = Api("products", "Products in PostgreSQL", prefixes=("products", "dashboard"))
_COLUMNS = ", ".join(PUBLIC_COLUMNS)
_held = threading.local()


@app.get("/products", responses={200: ProductPage})
@allow(EVERY_ROLE)
def list_products(context: RequestContext, query: ProductQuery) -> NumberedItems[dict[str, Any]]:
    """One page and the total, by two statements."""
    where, values = _where(context, query)
    order = [
        f"{key.column} {'DESC' if key.descending else 'ASC'} NULLS LAST" for key in parse_sort(query.sort, query.order)
    ]
    page = f"SELECT {_COLUMNS} FROM products WHERE {where} ORDER BY {', '.join([*order, 'item_id'])} LIMIT %s OFFSET %s"
    (total,) = _rows(f"SELECT count(*) AS rows FROM products WHERE {where}", values)
    rows = _rows(page, [*values, query.page_size, query.offset])
    return numbered(query, total["rows"], rows)


@app.get("/dashboard", responses={200: Dashboard})
@allow(EVERY_ROLE)
def dashboard(context: RequestContext, query: DashboardQuery) -> dict[str, Any]:
    """Headline figures and the two top fives, by three statements."""
    client = context.tenant.client_id
    where = "client_id = %s AND " + ("location_id IS NULL" if query.location_id is None else "location_id = %s")
    values = [client] if query.location_id is None else [client, query.location_id]
    (figures,) = _rows(
        "SELECT count(*) AS total_skus, sum(inventory_value) AS total_inventory_value, avg(dir) AS average_dir, "
        + ", ".join(
            f"count(*) FILTER (WHERE status = '{status}') AS {status}_count, "
            f"sum(inventory_value) FILTER (WHERE status = '{status}') AS {status}_value"
            for status in ("understocked", "overstocked", "dead_stock")
        )
        + ", count(*) FILTER (WHERE stockout_risk > 0.7) AS urgent, count(*) FILTER (WHERE needs_review) AS review "
        f"FROM products WHERE {where}",
        values,
    )
    worst = f"SELECT {_COLUMNS} FROM products WHERE {where} AND status = '{{}}' "
    top = worst + "ORDER BY {} DESC NULLS LAST, item_id LIMIT 5"
    return {
        "metrics": figures,
        "top_understocked": _rows(top.format("understocked", "stockout_risk"), values),
        "top_overstocked": _rows(top.format("overstocked", "dir"), values),
    }


def _where(context: RequestContext, query: ProductQuery) -> tuple[str, list[Any]]:
    wanted = query.selection()
    terms: list[str] = ["client_id = %s"]
    values: list[Any] = [context.tenant.client_id]
    if not wanted.any_of.get("location_id"):
        terms.append("location_id IS NULL")
    for name, texts in wanted.any_of.items():
        terms.append(f"{name} = ANY(%s)")
        values.append([part for text in texts for part in text.split(",")])
    if wanted.search is not None:
        terms.append("search_text LIKE %s")
        values.append(f"%{wanted.search.lower()}%")
    for ends, sign in ((wanted.flags, "="), (wanted.least, ">="), (wanted.most, "<=")):
        for name, value in ends.items():
            terms.append(f"{name} {sign} %s")
            values.append(value)
    return " AND ".join(terms), values


def _rows(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    """One connection a thread, kept; psycopg prepares what it sees repeatedly."""
    if not hasattr(_held, "connection"):
        _held.connection = psycopg.connect(os.environ["BENCHMARK_POSTGRES"], autocommit=True, row_factory=dict_row)
    return _held.connection.execute(statement, values).fetchall()
