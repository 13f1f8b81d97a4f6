"""The tenant's marketing campaigns: `campaigns/{campaign_id}`, products embedded, decimals and times as text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.campaigns.campaign import Campaign, CampaignStatus
from shared.domain.errors import NotFound
from shared.firestore.page_positions import unknown_position
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_ASCENDING, _DESCENDING = "ASCENDING", "DESCENDING"
# What the pages of a status are ordered by: those that are over or all of them from the latest, the others from the
# next that ends or starts. A range of two fields is ordered by both.
_ORDERS: dict[CampaignStatus | None, tuple[tuple[str, ...], str]] = {
    None: (("start_date",), _DESCENDING),
    CampaignStatus.PLANNED: (("start_date",), _ASCENDING),
    CampaignStatus.RUNNING: (("end_date", "start_date"), _ASCENDING),
    CampaignStatus.ENDED: (("end_date",), _DESCENDING),
}


class Campaigns:
    """The campaigns of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._collection = tenant.collection("campaigns")

    def get(self, campaign_id: str, transaction: Transaction | None = None) -> tuple[Campaign, str]:
        """The campaign and its version (ETag); raises NotFound."""
        found = read(self._reference(campaign_id), transaction)
        if not found.exists:
            raise NotFound("campaign_not_found", f"no campaign {campaign_id!r}")
        return _campaign(found.to_dict()), found.update_time.isoformat()

    def page(
        self, size: int, position: str | None, status: CampaignStatus | None, today: dt.date
    ) -> tuple[list[Campaign], str | None]:
        """Up to `size` campaigns that have the status on `today`, and the position of the next page, None at the end.

        Planned ones by their start, running ones by their end, those that have ended the last one first, all the last
        started first. `position` is what the page before gave; raises Invalid for anything else.
        """
        names, direction = _ORDERS[status]
        query: Any = self._collection
        for name, operator in _comparisons(status):
            query = query.where(filter=FieldFilter(name, operator, today.isoformat()))
        for name in (*names, "__name__"):
            query = query.order_by(name, direction=direction)
        if position is not None:
            dates, reference = self._cursor(position)
            query = query.start_after({name: dates[name] for name in names} | {"__name__": reference})
        found = [_campaign(one.to_dict()) for one in query.limit(size).stream()]
        return found, _position(found[-1]) if len(found) == size else None

    def of_item(self, item_id: str, today: dt.date) -> list[dict[str, Any]]:
        """The campaigns that hold the item, as they are shown with it; one read each."""
        query = self._collection.where(filter=FieldFilter("item_ids", "array_contains", item_id))
        found = [_campaign(one.to_dict()) for one in query.stream()]
        return [
            {
                "campaign_id": one.campaign_id,
                "name": one.name,
                "status": one.status(today).value,
                "start_date": one.start_date,
                "end_date": one.end_date,
            }
            for one in sorted(found, key=lambda one: (one.start_date, one.campaign_id))
        ]

    def put(self, transaction: Transaction, campaign: Campaign) -> Versioned[Campaign]:
        return Versioned(campaign, transaction.set(self._reference(campaign.campaign_id), _document(campaign)))

    def delete(self, transaction: Transaction, campaign_id: str) -> None:
        transaction.delete(self._reference(campaign_id))

    def _cursor(self, position: str) -> tuple[dict[str, str], DocumentReference]:
        start_date, end_date, campaign_id = (*position.split("\n", 2), "", "")[:3]
        try:
            dates = {"start_date": _date(start_date).isoformat(), "end_date": _date(end_date).isoformat()}
        except ValueError:
            dates = {}
        if not dates or not campaign_id:
            raise unknown_position()
        return dates, self._reference(campaign_id)

    def _reference(self, campaign_id: str) -> DocumentReference:
        return self._collection.document(document_key(campaign_id))


def _comparisons(status: CampaignStatus | None) -> tuple[tuple[str, str], ...]:
    """What the dates of campaigns of this status are to today's."""
    if status is CampaignStatus.PLANNED:
        return (("start_date", ">"),)
    if status is CampaignStatus.RUNNING:
        return (("end_date", ">="), ("start_date", "<="))
    return (("end_date", "<"),) if status is CampaignStatus.ENDED else ()


def _position(campaign: Campaign) -> str:
    return f"{campaign.start_date}\n{campaign.end_date}\n{campaign.campaign_id}"


def _document(campaign: Campaign) -> dict[str, Any]:
    discount, budget, created = campaign.discount_percent, campaign.budget, campaign.created_at
    return vars(campaign) | {
        "start_date": campaign.start_date.isoformat(),
        "end_date": campaign.end_date.isoformat(),
        "item_ids": list(campaign.item_ids),
        "discount_percent": None if discount is None else str(discount),
        "budget": None if budget is None else str(budget),
        "created_at": None if created is None else created.isoformat(),
    }


def _campaign(fields: Any) -> Campaign:
    """What is not in the document is None. A `status` in it is that of another day, and not looked at."""
    discount, budget, created = (fields.get(name) for name in ("discount_percent", "budget", "created_at"))
    return Campaign(
        campaign_id=fields["campaign_id"],
        name=fields["name"],
        start_date=_date(fields["start_date"]),
        end_date=_date(fields["end_date"]),
        item_ids=tuple(fields.get("item_ids", ())),
        description=fields.get("description"),
        discount_percent=None if discount is None else Decimal(discount),
        budget=None if budget is None else Decimal(budget),
        created_by=fields.get("created_by"),
        created_at=None if created is None else dt.datetime.fromisoformat(created),
    )


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
