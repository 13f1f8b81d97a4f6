"""Which orders a budget buys: those first that save the most sales for the money (rules.md, "Order suggestions")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Purchase:
    """What an order costs, None where nobody sells the item yet, and the sales at risk without it; money."""

    cost: Decimal | None
    sales_at_risk: Decimal


@dataclass(frozen=True)
class BudgetUse:
    """What a budget of `amount` leaves out, and what that risks; money.

    `left_out_unpriced_lines`: those of `left_out_lines` that have no price, so that no budget buys them.
    """

    amount: Decimal
    spent: Decimal
    left_out_lines: int
    left_out_sales_at_risk: Decimal
    left_out_unpriced_lines: int


def within_budget(purchases: Sequence[Purchase], amount: Decimal) -> tuple[list[bool], BudgetUse]:
    """Which of the purchases a budget buys, in their order.

    Greedy: those of which most sales are at risk for each unit of money first, of equal ones the first given, each that
    the rest of the budget pays for. So a larger budget never covers fewer sales: where it buys a purchase that a
    smaller one does not, all that the smaller one can still buy costs less and saves less for its money.
    """
    taken = [False] * len(purchases)
    spent = _NOTHING
    for index in sorted(_priced(purchases), key=lambda index: _by_worth(purchases[index])):
        cost = purchases[index].cost
        if cost is not None and spent + cost <= amount:
            taken[index] = True
            spent += cost
    left_out = [purchase for purchase, bought in zip(purchases, taken, strict=True) if not bought]
    return taken, BudgetUse(
        amount=amount,
        spent=spent,
        left_out_lines=len(left_out),
        left_out_sales_at_risk=sum((purchase.sales_at_risk for purchase in left_out), _NOTHING),
        left_out_unpriced_lines=sum(purchase.cost is None for purchase in left_out),
    )


def _priced(purchases: Sequence[Purchase]) -> list[int]:
    return [index for index, purchase in enumerate(purchases) if purchase.cost is not None]


def _by_worth(purchase: Purchase) -> tuple[bool, Decimal]:
    """Sorts what costs nothing first, then by the sales at risk for each unit of money, the most first."""
    if not purchase.cost:
        return False, -purchase.sales_at_risk
    return True, -purchase.sales_at_risk / purchase.cost
