"""What a client plans for an item itself, in place of what the ordering policy would do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.errors import InvalidField


class StockLimitsOutOfOrder(InvalidField):
    """max_stock is below min_stock."""

    code = "stock_limits_out_of_order"


class NothingBlocked(InvalidField):
    """do_not_order_until says when do_not_order ends, and do_not_order is not set."""

    code = "nothing_blocked"


class BlockEndsInThePast(InvalidField):
    """do_not_order cannot end in the past."""

    code = "block_ends_in_the_past"


@dataclass(frozen=True)
class ItemPlanning:
    """None, and False, leave it to the policy.

    `service_level` lies in (0, 1). What the item is ordered up to stays within `min_stock` and `max_stock`, of all
    locations together. With `do_not_order` nothing is suggested, up to and including `do_not_order_until`; None: until
    it is taken back. `reason` is for people.
    """

    service_level: float | None = None
    min_stock: Decimal | None = None
    max_stock: Decimal | None = None
    do_not_order: bool = False
    do_not_order_until: dt.date | None = None
    reason: str | None = None

    def check(self, today: dt.date, before: ItemPlanning | None) -> None:
        """Raises StockLimitsOutOfOrder, NothingBlocked and BlockEndsInThePast. An end that was planned `before` may
        have passed since: what was read can be sent back."""
        low, high = self.min_stock, self.max_stock
        if low is not None and high is not None and low > high:
            detail = f"max_stock {high} is below min_stock {low}; allowed: {low} and more"
            raise StockLimitsOutOfOrder("/planning/max_stock", detail)
        until = self.do_not_order_until
        if until is None:
            return
        if not self.do_not_order:
            detail = f"do_not_order_until {until} without do_not_order; allowed: both, or neither"
            raise NothingBlocked("/planning/do_not_order_until", detail)
        if until < today and (before is None or until != before.do_not_order_until):
            detail = f"do_not_order_until {until} is in the past; allowed: today, {today}, and later"
            raise BlockEndsInThePast("/planning/do_not_order_until", detail)


PLANNING_ERRORS = (StockLimitsOutOfOrder, NothingBlocked, BlockEndsInThePast)
"""What planning an item can give."""
