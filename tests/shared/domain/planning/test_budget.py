"""What a budget buys: never more than it has, and with more of it never less."""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.planning.budget import Purchase, within_budget

MONEY = st.decimals(0, 1_000, places=2)
PURCHASES = st.lists(st.builds(Purchase, st.none() | MONEY, MONEY), max_size=12)


def covered(purchases: list[Purchase], amount: Decimal) -> Decimal:
    taken, _ = within_budget(purchases, amount)
    return sum(
        (purchase.sales_at_risk for purchase, bought in zip(purchases, taken, strict=True) if bought), Decimal(0)
    )


@given(PURCHASES, MONEY)
def test_it_is_never_overspent_and_the_figures_are_those_of_what_is_left(
    purchases: list[Purchase], amount: Decimal
) -> None:
    taken, use = within_budget(purchases, amount)
    bought = [purchase for purchase, is_taken in zip(purchases, taken, strict=True) if is_taken]
    left = [purchase for purchase, is_taken in zip(purchases, taken, strict=True) if not is_taken]
    assert use.spent == sum((purchase.cost or 0 for purchase in bought), Decimal(0)) <= amount == use.amount
    assert use.left_out_lines == len(left)
    assert use.left_out_sales_at_risk == sum((purchase.sales_at_risk for purchase in left), Decimal(0))
    assert all(purchase.cost is not None for purchase in bought)
    assert use.left_out_unpriced_lines == sum(purchase.cost is None for purchase in purchases)


@given(PURCHASES, MONEY)
def test_nothing_is_left_out_that_the_rest_would_pay_for(purchases: list[Purchase], amount: Decimal) -> None:
    taken, use = within_budget(purchases, amount)
    for purchase, is_taken in zip(purchases, taken, strict=True):
        assert is_taken or purchase.cost is None or use.spent + purchase.cost > amount


@given(PURCHASES, MONEY, MONEY)
def test_more_money_never_covers_fewer_sales(purchases: list[Purchase], amount: Decimal, more: Decimal) -> None:
    assert covered(purchases, amount) <= covered(purchases, amount + more)


@given(PURCHASES)
def test_enough_money_buys_all_that_has_a_price(purchases: list[Purchase]) -> None:
    everything = sum((purchase.cost for purchase in purchases if purchase.cost is not None), Decimal(0))
    taken, use = within_budget(purchases, everything)
    assert taken == [purchase.cost is not None for purchase in purchases]
    assert use.left_out_lines == use.left_out_unpriced_lines


@given(st.integers(1, 20), MONEY, st.integers())
def test_the_order_in_which_they_come_decides_between_equals_only(count: int, amount: Decimal, seed: int) -> None:
    purchases = [Purchase(Decimal(cost), Decimal(cost * cost)) for cost in range(1, count + 1)]
    shuffled = random.Random(seed).sample(purchases, count)
    assert covered(purchases, amount) == covered(shuffled, amount)
    equal = [Purchase(Decimal(5), Decimal(5))] * count
    taken, _ = within_budget(equal, Decimal(12))
    assert taken == [index < 2 for index in range(count)]


def test_no_money_buys_what_is_free_and_nothing_else() -> None:
    free, paid, unpriced = (
        Purchase(None if cost is None else Decimal(cost), Decimal(9)) for cost in ("0.00", "0.01", None)
    )
    taken, use = within_budget([free, paid, unpriced], Decimal("0.00"))
    assert taken == [True, False, False]
    assert (str(use.spent), use.left_out_lines, use.left_out_sales_at_risk) == ("0.00", 2, Decimal(18))


def test_sales_for_the_money_decide_and_not_sales_alone() -> None:
    dear, cheap, small = (Purchase(Decimal(cost), Decimal(sales)) for cost, sales in ((90, 100), (40, 80), (50, 60)))
    taken, use = within_budget([dear, cheap, small], Decimal(100))
    assert taken == [False, True, True]
    assert (use.spent, use.left_out_sales_at_risk) == (Decimal(90), Decimal(100))
