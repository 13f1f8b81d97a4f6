"""The tenant's marketing campaigns: `campaigns/{campaign_id}`, products embedded, decimals and times as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.campaigns.campaign import Campaign, CampaignNotFound, CampaignStatus
from shared.domain.errors import NotFound
from shared.firestore.codec import Codec, decimal, moment, text
from shared.firestore.page import Page, PageRequest, day, identifier, position, values_at
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant

_ASCENDING, _DESCENDING = "ASCENDING", "DESCENDING"
# What the pages of a status are ordered by: those that are over or all of them from the latest, the others from the
# next that ends or starts. A range of two fields is ordered by both.
_ORDERS: dict[CampaignStatus | None, tuple[tuple[str, ...], str]] = {
    None: (("start_date",), _DESCENDING),
    CampaignStatus.PLANNED: (("start_date",), _ASCENDING),
    CampaignStatus.RUNNING: (("end_date", "start_date"), _ASCENDING),
    CampaignStatus.ENDED: (("end_date",), _DESCENDING),
}


class Campaigns(Repository[Campaign]):
    """The campaigns of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("campaigns"), _CODEC, _missing)

    def page(self, page: PageRequest, status: CampaignStatus | None, today: dt.date) -> Page[Campaign]:
        """A page of the campaigns that have the status on `today`.

        Planned ones by their start, running ones by their end, those that have ended the last one first, all the last
        started first. Raises Invalid for a position that no page gave.
        """
        names, direction = _ORDERS[status]
        query: Any = self.collection
        for name, operator in _comparisons(status):
            query = query.where(filter=FieldFilter(name, operator, today.isoformat()))
        for name in (*names, "__name__"):
            query = query.order_by(name, direction=direction)
        return self.page_of(query, page, lambda place: self._start(place, names), _position)

    def of_item(self, item_id: str) -> list[Campaign]:
        """The campaigns that hold the item, by their start; one read each."""
        query = self.collection.where(filter=FieldFilter("item_ids", "array_contains", item_id))
        return sorted(self.found_by(query), key=lambda campaign: (campaign.start_date, campaign.campaign_id))

    def _start(self, place: str, names: Iterable[str]) -> dict[str, Any]:
        start_date, end_date, campaign_id = values_at(place, day, day, identifier)
        dates = {"start_date": start_date, "end_date": end_date}
        return {name: dates[name] for name in names} | {"__name__": self.reference(campaign_id)}


def _comparisons(status: CampaignStatus | None) -> tuple[tuple[str, str], ...]:
    """How the dates of campaigns of this status compare with today."""
    if status is CampaignStatus.PLANNED:
        return (("start_date", ">"),)
    if status is CampaignStatus.RUNNING:
        return (("end_date", ">="), ("start_date", "<="))
    return (("end_date", "<"),) if status is CampaignStatus.ENDED else ()


def _position(campaign: Campaign) -> str:
    return position(campaign.start_date, campaign.end_date, campaign.campaign_id)


def _missing(campaign_id: str) -> NotFound:
    return CampaignNotFound(campaign_id)


def _encode(campaign: Campaign) -> dict[str, Any]:
    return vars(campaign) | {
        "start_date": text(campaign.start_date),
        "end_date": text(campaign.end_date),
        "item_ids": list(campaign.item_ids),
        "discount_percent": text(campaign.discount_percent),
        "budget": text(campaign.budget),
        "created_at": text(campaign.created_at),
    }


def _decode(fields: Any) -> Campaign:
    """A field that is not in the document is None. A `status` in it is that of another day, and is ignored."""
    return Campaign(
        campaign_id=fields["campaign_id"],
        name=fields["name"],
        start_date=dt.date.fromisoformat(fields["start_date"]),
        end_date=dt.date.fromisoformat(fields["end_date"]),
        item_ids=tuple(fields.get("item_ids", ())),
        description=fields.get("description"),
        discount_percent=decimal(fields.get("discount_percent")),
        budget=decimal(fields.get("budget")),
        created_by=fields.get("created_by"),
        created_at=moment(fields.get("created_at")),
    )


_CODEC = Codec[Campaign](lambda campaign: campaign.campaign_id, _encode, _decode)
