"""The tenant's marketing campaigns: `campaigns/{campaign_id}`, products embedded, decimals and dates as text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.campaigns.campaign import (
    Campaign,
    CampaignNotFound,
    CampaignProduct,
    CampaignStatus,
    GivenStatus,
)
from shared.domain.campaigns.campaign_list import ListedCampaign
from shared.domain.errors import NotFound
from shared.firestore.codec import Codec, decimal, text
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant

_LISTED_FIELDS = (
    "campaign_id",
    "name",
    "campaign_type",
    "start_date",
    "end_date",
    "given_status",
    "description",
    "budget",
    "created_by",
    "product_count",
)
_NO_PRODUCTS: dict[str, tuple[Any, ...]] = {"item_ids": (), "discounts": (), "target_audiences": ()}


class Campaigns(Repository[Campaign]):
    """The campaigns of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("campaigns"), _CODEC, _missing)

    def summaries(self) -> list[ListedCampaign]:
        """Every campaign as lists show it; one read each, but none of its products travels."""
        return [
            ListedCampaign(
                _decode({**fields, **_NO_PRODUCTS}), fields["product_count"], snapshot.create_time, snapshot.update_time
            )
            for snapshot in self.collection.select(_LISTED_FIELDS).stream()
            if (fields := snapshot.to_dict())
        ]

    def of_item(self, item_id: str) -> list[Campaign]:
        """The campaigns that hold the item, by their start; one read each."""
        query = self.collection.where(filter=FieldFilter("item_ids", "array_contains", item_id))
        return sorted(self.found_by(query), key=lambda campaign: (campaign.start_date, campaign.campaign_id))


def _missing(campaign_id: str) -> NotFound:
    return CampaignNotFound(campaign_id)


def _encode(campaign: Campaign) -> dict[str, Any]:
    """Products as lists of equal length: the ids alone are looked up, and an id is stored once."""
    given = campaign.given_status
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "campaign_type": campaign.campaign_type,
        "start_date": text(campaign.start_date),
        "end_date": text(campaign.end_date),
        "given_status": given and {"status": given.status.value, "day": text(given.day)},
        "description": campaign.description,
        "budget": text(campaign.budget),
        "created_by": campaign.created_by,
        "product_count": len(campaign.products),
        "item_ids": list(campaign.item_ids),
        "discounts": [text(product.discount) for product in campaign.products],
        "target_audiences": [product.target_audience for product in campaign.products],
    }


def _decode(fields: Any) -> Campaign:
    given = fields["given_status"]
    products = zip(fields["item_ids"], fields["discounts"], fields["target_audiences"], strict=True)
    return Campaign(
        campaign_id=fields["campaign_id"],
        name=fields["name"],
        start_date=dt.date.fromisoformat(fields["start_date"]),
        end_date=dt.date.fromisoformat(fields["end_date"]),
        products=tuple(CampaignProduct(item, decimal(discount), audience) for item, discount, audience in products),
        campaign_type=fields["campaign_type"],
        given_status=given and GivenStatus(CampaignStatus(given["status"]), dt.date.fromisoformat(given["day"])),
        description=fields["description"],
        budget=decimal(fields["budget"]),
        created_by=fields["created_by"],
    )


_CODEC = Codec[Campaign](lambda campaign: campaign.campaign_id, _encode, _decode)
