"""A marketing campaign: some products, each with its discount and its audience, for some days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from shared.domain.dates import DateRange
from shared.domain.errors import Conflict, InvalidField, InvalidLines, NotFound

MAX_PRODUCTS = 5_000
_MAX_PRODUCT_BYTES = 700_000  # of ids and audiences: a campaign is stored with its products


class EndBeforeStart(InvalidField):
    """The campaign ends before it starts."""

    code = "end_before_start"


class TooManyProducts(InvalidField):
    """A campaign cannot hold so many products."""

    code = "too_many_products"


class ProductNamedTwice(InvalidField):
    """A campaign names a product twice."""

    code = "product_named_twice"


class CampaignRunning(Conflict):
    """A running campaign cannot be deleted."""

    code = "campaign_running"


class CampaignNotFound(NotFound):
    """There is no such campaign."""

    code = "campaign_not_found"

    def __init__(self, campaign_id: str) -> None:
        super().__init__(f"no campaign {campaign_id!r}")


class CampaignStatus(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class GivenStatus:
    """A status that somebody gave a campaign although its dates say another one, and the day on which they did."""

    status: CampaignStatus
    day: dt.date


@dataclass(frozen=True)
class CampaignProduct:
    """A product in a campaign: `discount` is percent off its usual price, None where it is not known."""

    item_id: str
    discount: Decimal | None = None
    target_audience: str | None = None


@dataclass(frozen=True)
class Campaign:
    """A campaign from `start_date` to `end_date`, both included.

    Raises Invalid when it ends before it starts, names a product twice, or has more products than it can hold.
    """

    campaign_id: str
    name: str
    start_date: dt.date
    end_date: dt.date
    products: tuple[CampaignProduct, ...] = ()
    campaign_type: str | None = None
    given_status: GivenStatus | None = None
    description: str | None = None
    budget: Decimal | None = None
    created_by: str | None = None

    def __post_init__(self) -> None:
        if self.end_date < self.start_date:
            raise EndBeforeStart("/end_date", f"end_date {self.end_date} is before start_date {self.start_date}")
        _check_products(self.products)

    @property
    def item_ids(self) -> tuple[str, ...]:
        return tuple(product.item_id for product in self.products)

    def status(self, today: dt.date) -> CampaignStatus:
        """Its status on that day."""
        return status_on(self.start_date, self.end_date, today, self.given_status)

    def holds_given_status(self, today: dt.date) -> bool:
        """Whether its status on that day is the given one, and not what its dates say."""
        return self.status(today) is not status_on(self.start_date, self.end_date, today)

    def with_status(self, status: CampaignStatus | None, today: dt.date) -> Campaign:
        """The campaign with the status that it is given today; None, or what its dates say anyway: that of its dates.

        So a form that sends back the status which it was shown does not keep a campaign from going on.
        """
        by_dates = status_on(self.start_date, self.end_date, today)
        given = None if status in (None, by_dates) else GivenStatus(CampaignStatus(status), today)
        return replace(self, given_status=given)

    @property
    def days_run(self) -> DateRange | None:
        """The days on which it runs: those of its dates, less what a status given cuts off, or with what it adds.

        None: it was ended before it began.
        """
        given = self.given_status
        first, last = self.start_date, self.end_date
        if given is not None and given.status is CampaignStatus.ENDED:
            last = min(last, given.day)
        if given is not None and given.status is CampaignStatus.RUNNING:
            first = min(first, given.day)
        return DateRange(first, last) if first <= last else None

    def check_deletable(self, today: dt.date) -> None:
        """Raises Conflict while it runs: its products would stay on offer with no trace of the reason."""
        if self.status(today) is CampaignStatus.RUNNING:
            raise CampaignRunning(
                f"campaign {self.name!r} is running, from {self.start_date} to {self.end_date}, and cannot be deleted; "
                "end it first by an earlier end_date or the status `ended`"
            )


def status_on(
    start_date: dt.date, end_date: dt.date, today: dt.date, given: GivenStatus | None = None
) -> CampaignStatus:
    """The status of a campaign from `start_date` to `end_date`, both included.

    A given status holds until the dates bring the next one; `ended` holds for good.
    """
    by_dates = _status_by_dates(start_date, end_date, today)
    if given is None:
        return by_dates
    unchanged = by_dates is _status_by_dates(start_date, end_date, given.day)
    return given.status if unchanged or given.status is CampaignStatus.ENDED else by_dates


def _status_by_dates(start_date: dt.date, end_date: dt.date, today: dt.date) -> CampaignStatus:
    if today < start_date:
        return CampaignStatus.PLANNED
    return CampaignStatus.RUNNING if today <= end_date else CampaignStatus.ENDED


def _check_products(products: Collection[CampaignProduct]) -> None:
    size = sum(len(product.item_id.encode()) + len((product.target_audience or "").encode()) for product in products)
    if len(products) > MAX_PRODUCTS or size > _MAX_PRODUCT_BYTES:
        raise TooManyProducts(
            "/products",
            f"{len(products):,} products with {size:,} bytes of ids and audiences; a campaign takes {MAX_PRODUCTS:,} "
            f"products and {_MAX_PRODUCT_BYTES:,} bytes",
        )
    repeated = list(_repeated(products))
    if repeated:
        raise InvalidLines(repeated, listed=10)


def _repeated(products: Iterable[CampaignProduct]) -> Iterable[InvalidField]:
    seen: set[str] = set()
    for number, product in enumerate(products):
        if product.item_id in seen:
            yield ProductNamedTwice(f"/products/{number}/item_id", f"{product.item_id!r} is there twice")
        seen.add(product.item_id)
