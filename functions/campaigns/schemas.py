"""What the campaigns endpoints take and give."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from shared.domain.campaigns.campaign import MAX_ITEMS, CampaignStatus
from shared.domain.money import round_money
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.http.app import BodyModel
from shared.http.paging import NumberedPage, PageEnvelope, TokenEnvelope, TokenPage
from shared.http.product_row import ProductRow
from shared.http.texts import Label, Lines
from shared.http.types import Money, Quantity

MAX_BUDGET = 1_000_000_000


def _to_hundredths(value: Decimal) -> Decimal:
    return round_money(value)


_Hundredths = AfterValidator(_to_hundredths)
ItemIds = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH)]],
    Field(max_length=MAX_ITEMS, description="Item ids; repeated ones count once."),
]


class CampaignQuery(TokenPage):
    status: CampaignStatus | None = None


class CampaignPath(BaseModel):
    campaign_id: Annotated[str, Field(min_length=1, max_length=200)]


class CampaignBody(BodyModel):
    """All fields of a campaign except its products; omitted fields take their defaults. Both dates are included."""

    name: Label
    description: Lines | None = None
    start_date: dt.date
    end_date: dt.date
    discount_percent: Annotated[Money, Field(gt=0, le=100, decimal_places=2), _Hundredths] | None = None
    budget: Annotated[Money, Field(ge=0, le=MAX_BUDGET, decimal_places=2), _Hundredths] | None = None


class NewCampaign(CampaignBody):
    item_ids: ItemIds = Field(default_factory=list)


class CampaignView(BaseModel):
    campaign_id: str
    name: str
    description: str | None
    status: CampaignStatus
    start_date: dt.date
    end_date: dt.date
    discount_percent: Money | None
    budget: Money | None
    product_count: int
    created_by: str | None
    created_at: dt.datetime | None


class CampaignPage(TokenEnvelope):
    items: list[CampaignView]


class CampaignProductsQuery(NumberedPage):
    sort: Annotated[
        str | None, Field(description="Columns separated by commas, `-` for descending: -stockout_risk,product_name")
    ] = None
    order: str | None = None


class CampaignProductsPage(PageEnvelope):
    """The campaign's products that are in the catalog."""

    items: list[ProductRow]


class CampaignProductsBody(BodyModel):
    item_ids: ItemIds


class CampaignProducts(BaseModel):
    """The products of a campaign as they are after a change."""

    campaign_id: str
    item_ids: list[str]


class PhaseView(BaseModel, from_attributes=True):
    """A period before, during or after the campaign. null: unknown."""

    first_date: dt.date | None = Field(description="First day with known demand; null: none yet")
    last_date: dt.date | None
    days: int
    units: Quantity | None
    revenue: Money | None
    expected_units: float | None = Field(description="Units expected without the campaign; null before it")
    expected_revenue: Money | None = Field(description="At the mean price of the 8 weeks before the campaign")
    uplift_units: float | None = Field(description="units - expected_units")
    uplift_share: float | None = Field(description="uplift_units / expected_units")


BaselineMethod = Literal["forecast", "same_weekdays", "both"]


class Baseline(BaseModel):
    """What the expectation is computed from; each product uses one of the two methods."""

    method: BaselineMethod | None = Field(description="null: nothing known")
    forecast_run_id: str | None = Field(description="The last run published for a day up to the start")
    forecast_run_date: dt.date | None
    products_by_forecast: int
    products_by_same_weekdays: int = Field(
        description="Products whose expectation is the mean of the same weekdays in the 8 weeks before"
    )


class Performance(BaseModel):
    campaign_id: str
    status: CampaignStatus
    before: PhaseView
    during: PhaseView
    after: PhaseView
    baseline: Baseline
    as_of: dt.date
