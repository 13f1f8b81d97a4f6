"""What `make run` ends with: the console's address, the dashboard, and what to try."""

from __future__ import annotations

from typing import Any, Protocol

from infra.local.demo.loading import Api
from infra.local.stack.console import DEMO_BUYER, DEMO_PASSWORD, DEMO_PATH
from shared.http.paths import API_ROOT

_BOLD, _PLAIN = "\033[1m", "\033[0m"


class Terminal(Protocol):
    """The part of the stack that the demo needs."""

    base_url: str
    api_env: dict[str, str]

    def say(self, line: str) -> None: ...


def welcome(terminal: Terminal, api: Api, *, colour: bool) -> None:
    """Print where the console is, the dashboard as a small table, and three requests to try next."""
    board = api.get("/dashboard")
    figures = board["metrics"]

    def title(text: str) -> None:
        terminal.say(f"\n{_BOLD}{text}{_PLAIN}" if colour else f"\n{text}")

    title(f"Open {terminal.base_url.removesuffix(API_ROOT)}{DEMO_PATH}: the console, signed in as the demo's buyer")
    title(f"Dashboard as of {board['as_of']}")
    for name, value in (
        ("products", f"{figures['total_skus']:,}"),
        ("inventory value", f"{float(figures['total_inventory_value']):,.2f}"),
        ("understocked", f"{figures['understocked_count']:,} worth {float(figures['understocked_value']):,.2f}"),
        ("overstocked", f"{figures['overstocked_count']:,} worth {float(figures['overstocked_value']):,.2f}"),
        ("dead stock", f"{figures['dead_stock_count']:,} worth {float(figures['dead_stock_value']):,.2f}"),
        ("sales at risk", f"{float(figures['sales_at_risk']):,.2f}"),
        ("stock beyond need", f"{float(figures['excess_value']):,.2f}"),
        ("money in stock lasts", f"{figures['average_dir']} days (median product {figures['median_dir']})"),
    ):
        terminal.say(f"  {name:<26} {value:>26}")
    title("Runs out first")
    for row in board["top_understocked"]:
        terminal.say(f"  {_row(row)}   risk {row['stockout_risk']:.0%}, sales at risk {row['sales_at_risk']:,.0f}")
    title("Lasts longest")
    for row in board["top_overstocked"]:
        terminal.say(f"  {_row(row)}   {_days(row['dir'])}, worth {row['excess_value']:,.0f} more than needed")
    title("Try")
    read = "import json; print(json.load(open('.local/stack.json'))['tokens']['PROCUREMENT'])"
    terminal.say(f'  TOKEN=$(python3 -c "{read}")')
    for request in (
        "/products?status=understocked&sort=-stockout_risk&page_size=5",
        f"/products/{board['top_understocked'][0]['item_id']}/metrics",
        "/dashboard?location_id=DUBLIN",
    ):
        terminal.say(f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{terminal.base_url}{request}'")
    terminal.say(f"  sign in: POST {terminal.base_url}/auth/token as {DEMO_BUYER}, password {DEMO_PASSWORD}\n")


def _days(days: float | None) -> str:
    return "for good" if days is None else f"{days:,.0f} days"


def _row(row: dict[str, Any]) -> str:
    return f"{row['item_id']:<8} {row['product_name'][:36]:<36} stock {float(row['current_stock']):>8,.0f}"
