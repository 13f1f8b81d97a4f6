"""A marketing campaign: some products, for some days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.domain.errors import Conflict, InvalidField, NotFound

MAX_ITEMS = 5_000
_MAX_ITEM_BYTES = 900_000  # of ids: a campaign is stored with its products


class EndBeforeStart(InvalidField):
    """The campaign ends before it starts."""

    code = "end_before_start"


class TooManyProducts(InvalidField):
    """A campaign cannot hold so many products."""

    code = "too_many_products"


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
class Campaign:
    """A campaign from `start_date` to `end_date`, both included. Raises Invalid when it ends before it starts."""

    campaign_id: str
    name: str
    start_date: dt.date
    end_date: dt.date
    item_ids: tuple[str, ...] = ()
    description: str | None = None
    discount_percent: Decimal | None = None
    budget: Decimal | None = None
    created_by: str | None = None
    created_at: dt.datetime | None = None

    def __post_init__(self) -> None:
        if self.end_date < self.start_date:
            raise EndBeforeStart("/end_date", f"end_date {self.end_date} is before start_date {self.start_date}")
        size = sum(len(item.encode()) for item in self.item_ids)
        if len(self.item_ids) > MAX_ITEMS or size > _MAX_ITEM_BYTES:
            raise TooManyProducts(
                "/item_ids",
                f"{len(self.item_ids):,} products with {size:,} bytes of ids; a campaign takes {MAX_ITEMS:,} products "
                f"and {_MAX_ITEM_BYTES:,} bytes",
            )

    def status(self, today: dt.date) -> CampaignStatus:
        """Its status on that day."""
        return status_on(self.start_date, self.end_date, today)

    @property
    def days(self) -> int:
        """How many days it lasts; at least one."""
        return (self.end_date - self.start_date).days + 1

    def check_deletable(self, today: dt.date) -> None:
        """Raises Conflict while it runs: its products would stay on offer with no trace of the reason."""
        if self.status(today) is CampaignStatus.RUNNING:
            raise CampaignRunning(
                f"campaign {self.name!r} is running, from {self.start_date} to {self.end_date}, and cannot be deleted; "
                "end it first by an earlier end_date"
            )


def status_on(start_date: dt.date, end_date: dt.date, today: dt.date) -> CampaignStatus:
    """The status of a campaign from `start_date` to `end_date`, both included."""
    if today < start_date:
        return CampaignStatus.PLANNED
    return CampaignStatus.RUNNING if today <= end_date else CampaignStatus.ENDED
