"""What a campaign brought in money, and which products are in the sum."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.campaigns.campaign import Campaign, CampaignProduct
from shared.domain.campaigns.campaign_margin import CampaignMoney, ProductPrices, campaign_money
from shared.domain.campaigns.campaign_performance import MeasuredProduct, ProductSales, Sold, Span

START = dt.date(2024, 5, 6)
NOTHING = Sold(Decimal(0))


def product(
    item_id: str, expected: float, during: Sold = NOTHING, reference: Sold = NOTHING, known: bool = True
) -> MeasuredProduct:
    sold = {Span.BEFORE: NOTHING, Span.DURING: during, Span.AFTER: NOTHING, Span.REFERENCE: reference}
    return MeasuredProduct(item_id, ProductSales(sold, None) if known else None, True, {Span.DURING: expected})


def sold(units: str, price: str | None = None) -> Sold:
    if price is None:
        return Sold(Decimal(units))
    return Sold(Decimal(units), Decimal(units) * Decimal(price), Decimal(units))


def money(
    products: list[MeasuredProduct], started: bool = True, budget: str | None = "50", **prices: tuple[str, str | None]
) -> CampaignMoney:
    """Each product in the campaign at 20 percent off; prices are (unit_cost, unit_price)."""
    held = tuple(CampaignProduct(each.item_id, Decimal(20)) for each in products)
    campaign = Campaign("1", "x", START, START, held, budget=None if budget is None else Decimal(budget))
    listed = {
        item: ProductPrices(Decimal(cost), None if price is None else Decimal(price))
        for item, (cost, price) in prices.items()
    }
    return campaign_money(campaign, products, listed, started)


def test_uplift_times_margin_less_the_budget() -> None:
    """10 units more at 8.00, which cost 5.00: 30.00."""
    found = money([product("a", 20, sold("30", "8"), sold("20", "10"))], a=("5", "12"))
    assert found == CampaignMoney(Decimal("30.00"), Decimal(50), Decimal("-20.00"), None, 1, 0, 0, found.price_basis)
    assert found.price_basis == "sales"


@pytest.mark.parametrize(
    ("during", "reference", "unit_price", "price", "basis"),
    [
        (sold("30", "8"), sold("20", "10"), "12", 8, "sales"),
        (sold("30"), sold("20", "10"), "12", 10, "sales"),
        (sold("30"), sold("20"), "12.50", 10, "unit_price"),  # 20 percent off
        (sold("30"), sold("20"), None, None, None),
    ],
)
def test_where_the_price_comes_from(
    during: Sold, reference: Sold, unit_price: str | None, price: int | None, basis: str | None
) -> None:
    found = money([product("a", 20, during, reference)], a=("5", unit_price))
    assert found.price_basis == basis
    assert found.uplift_margin == (None if price is None else 10 * (price - 5))
    assert (found.products_without_price, found.products_without_cost) == (int(price is None), 0)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (money([product("a", 1, sold("2", "8"))], started=False, a=("5", None)), "not_started"),
        (money([]), "not_measured"),
        (money([product("a", 1, known=False)], a=("5", "8")), "not_measured"),
        (money([product("a", 1, sold("2", "8"))]), "no_margin"),
        (money([product("a", 1, sold("2", "8"))], a=("0", None)), "no_margin"),
        (money([product("a", 1, sold("2"))], a=("5", None)), "no_margin"),
        (money([product("a", 1, sold("2", "8"))], budget=None, a=("5", None)), "no_budget"),
    ],
)
def test_no_result_says_why(found: CampaignMoney, reason: str) -> None:
    assert (found.result, found.no_result) == (None, reason)
    assert (found.uplift_margin is None) == (reason != "no_budget")


def test_products_without_a_margin_are_counted_and_in_no_sum() -> None:
    products = [
        product("a", 20, sold("30", "8")),
        product("b", 1, sold("1000", "8")),  # no cost
        product("c", 1, sold("1000")),  # no price
        product("d", 10, sold("12")),
        product("e", 1, sold("1000")),  # not in the catalog
    ]
    found = money(products, a=("5", None), b=("0", "9"), c=("5", None), d=("5", "10"))
    assert found.uplift_margin == Decimal("36.00")  # 10 x 3.00 and 2 x 3.00
    assert (found.products_with_margin, found.products_without_price, found.products_without_cost) == (2, 2, 2)
    assert found.price_basis == "both"


_AMOUNT = st.decimals(0, 10_000, places=2)


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=3),
        st.tuples(st.floats(0, 1e5), st.decimals(0, 10_000, places=3), _AMOUNT, st.none() | _AMOUNT),
        max_size=8,
    ),
    st.none() | _AMOUNT,
)
def test_the_sum_is_that_of_the_products_with_a_margin(
    known: dict[str, tuple[float, Decimal, Decimal, Decimal | None]], budget: Decimal | None
) -> None:
    products = [product(item, expected, Sold(units)) for item, (expected, units, _, _) in known.items()]
    listed: dict[str, Any] = {
        item: (str(cost), None if price is None else str(price)) for item, (_, _, cost, price) in known.items()
    }
    found = money(products, budget=None if budget is None else str(budget), **listed)
    with_margin = {item: values for item, values in known.items() if values[2] > 0 and values[3] is not None}
    assert found.products_with_margin == len(with_margin)
    if with_margin:
        exact = sum(
            (float(units) - expected) * (float(price or 0) * 0.8 - float(cost))
            for expected, units, cost, price in with_margin.values()
        )
        assert float(found.uplift_margin or 0) == pytest.approx(exact, rel=1e-6, abs=0.02)
    assert (found.result is None) == (not with_margin or budget is None)
    assert (found.no_result is None) == (found.result is not None)
