"""What the campaigns endpoints take and give."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from shared.domain.campaigns.campaign import MAX_PRODUCTS, CampaignStatus
from shared.domain.campaigns.campaign_margin import NoResult, PriceBasis
from shared.domain.money import round_money
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.http.app import BodyModel
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.product_row import ProductRow
from shared.http.several import MAX_VALUES, SEVERAL
from shared.http.texts import Label, Line, Lines
from shared.http.types import Money, Percent, Quantity

MAX_BUDGET = 1_000_000_000


def _to_hundredths(value: Decimal) -> Decimal:
    return round_money(value)


_Hundredths = AfterValidator(_to_hundredths)
CampaignType = Annotated[
    Line, Field(max_length=100, description="What kind of campaign it is, in the client's own words: discount, season.")
]
Discount = Annotated[
    Percent,
    Field(ge=0, le=100, decimal_places=2, description="Percent off the product's usual price; null: unknown."),
    _Hundredths,
]
Budget = Annotated[
    Money,
    Field(ge=0, le=MAX_BUDGET, decimal_places=2, description="What may be spent on it, in the client's currency."),
    _Hundredths,
]
Audience = Annotated[Line, Field(description="Whom the product is offered to, in the client's own words.")]
StartDate = Annotated[dt.date, Field(description="The first day of the campaign.")]
EndDate = Annotated[dt.date, Field(description="The last day of the campaign, included.")]
Status = Annotated[
    CampaignStatus,
    Field(description="As its dates say on the client's today, or as it was given where `status_basis` is `given`."),
]


Sort = Annotated[
    str | None,
    Field(max_length=500, description="Columns separated by commas, `-` for descending: -start_date,name."),
]
SortOrder = Annotated[
    str | None, Field(max_length=10, description="asc or desc: for all columns of sort without a sign.")
]


class CampaignQuery(NumberedPage):
    """Filters narrow together; several values of one mean any of them."""

    status: Annotated[
        list[CampaignStatus] | None, SEVERAL, Field(max_length=MAX_VALUES, description="Statuses of today.")
    ] = None
    campaign_type: Annotated[
        list[Annotated[str, Field(max_length=100)]] | None,
        SEVERAL,
        Field(max_length=MAX_VALUES, description="Kinds of campaigns, whatever their case."),
    ] = None
    search: Annotated[
        str | None,
        Field(max_length=200, description="Beginnings of words of the name, the type or the description."),
    ] = None
    from_date: Annotated[dt.date | None, Field(description="Campaigns that have not ended before this day.")] = None
    to_date: Annotated[dt.date | None, Field(description="Campaigns that begin on this day or before it.")] = None
    min_budget: Annotated[Decimal | None, Field(ge=0, le=MAX_BUDGET, description="In the client's currency.")] = None
    max_budget: Annotated[Decimal | None, Field(ge=0, le=MAX_BUDGET, description="In the client's currency.")] = None
    sort: Sort = None
    order: SortOrder = None


class CampaignPath(BaseModel):
    campaign_id: Annotated[str, Field(min_length=1, max_length=200, description="The campaign's id.")]


class CampaignProductBody(BodyModel):
    """A product of the campaign."""

    item_id: Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH, description="The product's item_id.")]
    discount: Discount | None = None
    target_audience: Audience | None = None


Products = Annotated[
    list[CampaignProductBody],
    Field(max_length=MAX_PRODUCTS, description=f"Each product once, at most {MAX_PRODUCTS:,}."),
]


class CampaignBody(BodyModel):
    """All fields of a campaign; omitted ones take their defaults, omitted products stay as they are."""

    name: Annotated[Label, Field(description="What the campaign is called.")]
    campaign_type: CampaignType | None = None
    status: Annotated[
        CampaignStatus | None,
        Field(
            description="Default: as its dates say. Another one holds until the dates bring the next, `ended` for good."
        ),
    ] = None
    description: Annotated[Lines | None, Field(description="What it is about.")] = None
    start_date: StartDate
    end_date: EndDate
    budget: Budget | None = None
    products: Products | None = None


class CampaignRow(BaseModel):
    """A campaign as lists show it, without its products."""

    campaign_id: str = Field(description="The campaign's id.")
    name: str = Field(description="What the campaign is called.")
    campaign_type: str | None = Field(description="What kind of campaign it is, in the client's own words.")
    status: Status
    status_basis: Literal["dates", "given"] = Field(description="Whether its dates or somebody said the status.")
    description: str | None = Field(description="What it is about.")
    start_date: StartDate
    end_date: EndDate
    budget: Budget | None
    product_count: int = Field(description="How many products it has.")
    created_by: str | None = Field(description="The user who planned it.")
    created_at: dt.datetime = Field(description="When it was planned.")
    updated_at: dt.datetime = Field(description="When it was last changed.")


class CampaignProduct(BaseModel, from_attributes=True):
    item_id: str = Field(description="The product's item_id.")
    discount: Discount | None
    target_audience: Audience | None


class CampaignView(CampaignRow):
    """A campaign with its products."""

    products: list[CampaignProduct] = Field(description="In the order in which they were given.")


class CampaignPage(PageEnvelope):
    items: list[CampaignRow]


class CampaignProductsQuery(NumberedPage):
    sort: Sort = None
    order: SortOrder = None


class CampaignProductRow(ProductRow):
    """A product's row of the product list, with what the campaign says of it."""

    discount: Discount | None
    target_audience: Audience | None


class CampaignProductsPage(PageEnvelope):
    """The campaign's products that are in the catalog."""

    items: list[CampaignProductRow]


class CampaignProductsBody(BodyModel):
    products: Products


class CampaignProducts(BaseModel):
    """The products of a campaign as they are after a change."""

    campaign_id: str = Field(description="The campaign's id.")
    products: list[CampaignProduct] = Field(description="In the order in which they were given.")


class UpliftIntervalView(BaseModel, from_attributes=True):
    """What the days alone do: uplift_units -+ 1.2816 x their standard deviation from what is usual on their weekday in
    the 8 weeks before the campaign x the root of `days`. It does not know whether the expectation is right.
    """

    level: float = Field(description="How likely chance alone stays within, from 0 to 1.")
    low: float = Field(description="Its lower end, in units.")
    high: float = Field(description="Its upper end, in units.")


class PhaseView(BaseModel, from_attributes=True):
    """A period before, during or after the campaign. null: unknown."""

    from_date: dt.date | None = Field(description="First day with known demand; null: none yet.")
    to_date: dt.date | None = Field(description="Last day with known demand; null: none yet.")
    days: int = Field(description="How many days it has so far.")
    units: Quantity | None = Field(description="Units sold of the measured products.")
    revenue: Money | None = Field(description="Revenue of these units, in the client's currency.")
    expected_units: float | None = Field(description="Units expected without the campaign; null before it.")
    expected_revenue: Money | None = Field(
        description="expected_units at the mean price of the 8 weeks before the campaign, in the client's currency."
    )
    uplift_units: float | None = Field(description="units - expected_units.")
    uplift_share: float | None = Field(description="uplift_units / expected_units.")
    uplift_interval: UpliftIntervalView | None = Field(
        description="How far uplift_units may be chance; null: unknown, as without any sale in the 8 weeks before."
    )


class MoneyView(BaseModel, from_attributes=True):
    """What the campaign brought so far, in the client's currency. null: unknown, and `no_result` says why.

    A product's margin is its sale price less its unit_cost. Its price is what a unit sold for during the campaign, or
    before it where none did; without any revenue its unit_price less the discount.
    """

    uplift_margin: Money | None = Field(
        description="Sum of uplift x margin during the campaign over `products_with_margin`, and over no others."
    )
    budget: Budget | None
    result: Money | None = Field(description="uplift_margin - budget: of the days so far, less the whole budget.")
    no_result: NoResult | None = Field(
        description="Why there is no result: it has not begun, no product could be measured, none has a price and a "
        "cost, or it has no budget; null: there is one."
    )
    products_with_margin: int = Field(description="How many of the measured products have a price and a cost.")
    products_without_price: int = Field(description="How many of the measured products have no sale price.")
    products_without_cost: int = Field(description="How many of the measured products have no unit_cost, or 0.")
    price_basis: PriceBasis | None = Field(
        description="Where the prices come from: what was sold, unit_price, or `both`, each for some of the products."
    )


BaselineMethod = Literal["forecast", "same_weekdays", "both"]


class Baseline(BaseModel):
    """What the expectation is computed from; each product uses one of the two methods."""

    method: BaselineMethod | None = Field(description="Where the expectation comes from; null: nothing is known.")
    forecast_run_id: str | None = Field(description="The last run published for a day up to the start.")
    forecast_run_date: dt.date | None = Field(description="The first day that this run forecasts.")
    products_by_forecast: int = Field(description="Products whose expectation is that run's.")
    products_by_same_weekdays: int = Field(
        description="Products whose expectation is the mean of the same weekdays in the 8 weeks before."
    )


class Performance(BaseModel):
    campaign_id: str = Field(description="The campaign's id.")
    status: Status
    product_count: int = Field(description="How many products it has.")
    products_measured: int = Field(
        description="How many of them all figures are about: those with an expectation; before it begins, those that "
        "sold in the 8 weeks before it. The others are in no figure."
    )
    before: PhaseView = Field(description="As many days before the campaign as it has, at most 365.")
    during: PhaseView = Field(description="The days on which it ran.")
    after: PhaseView = Field(description="As many days after the campaign as it has, at most 365.")
    money: MoneyView
    baseline: Baseline
    as_of: dt.date = Field(description="The client's today: the first day whose demand is not known yet.")
