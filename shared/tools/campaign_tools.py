"""Tools about campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from shared.domain.campaigns.campaign import CampaignStatus
from shared.tools.call import encoded, get
from shared.tools.showing import (
    ClientFacts,
    Column,
    Kind,
    Link,
    Shown,
    campaign_href,
    counted,
    day,
    figure,
    listed,
    name,
    page,
    product_href,
    quantity,
    table,
    written,
)
from shared.tools.tool import Arguments, Limit, ReadingTool


class CampaignList(Arguments):
    status: Annotated[list[CampaignStatus] | None, Field(description="planned, running or ended.")] = None
    search: Annotated[str | None, Field(max_length=200, description="Text in its name.")] = None
    from_date: Annotated[dt.date | None, Field(description="Running on this day or later.")] = None
    to_date: Annotated[dt.date | None, Field(description="Running on this day or earlier.")] = None
    limit: Limit = 20


class OneCampaign(Arguments):
    campaign_id: Annotated[str, Field(min_length=1, max_length=200, description="The campaign's id.")]


_CAMPAIGNS = page("Campaigns", "/campaigns")
_COLUMNS = (
    Column("name", "Campaign"),
    Column("status", "Status"),
    Column("start_date", "From", Kind.DATE),
    Column("end_date", "To", Kind.DATE),
    Column("product_count", "Products", Kind.COUNT),
    Column("budget", "Budget", Kind.MONEY),
)


def _show_list(given: CampaignList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total = content["items"], content["total"]
    status = f"{listed([each.value for each in given.status], 'or')} " if given.status else ""
    figures = (figure("Campaigns", total, Kind.COUNT, client),)
    if not rows:
        return Shown(f"No {status}campaigns.", figures, links=(_CAMPAIGNS,))
    names = [f"{name(row['name'])} ({day(row['start_date'])} to {day(row['end_date'])})" for row in rows[:3]]
    more = " and more" if total > len(names) else ""
    shown = table(_COLUMNS, rows, [campaign_href(row["campaign_id"]) for row in rows], total)
    return Shown(f"{counted(total, f'{status}campaign')}: {', '.join(names)}{more}.", figures, shown, (_CAMPAIGNS,))


def _show_performance(given: OneCampaign, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    during, money = content["during"], content["money"]
    link = Link("Campaign", campaign_href(given.campaign_id))
    if during["units"] is None:
        return Shown("It has not begun, so nothing can be measured yet.", links=(link,))
    figures = (
        figure("Units sold", during["units"], Kind.QUANTITY, client),
        figure("Expected without it", during["expected_units"], Kind.QUANTITY, client),
        figure("More than expected", during["uplift_units"], Kind.QUANTITY, client),
        figure("Revenue", during["revenue"], Kind.MONEY, client),
        figure("Budget", money["budget"], Kind.MONEY, client),
        figure("Result", money["result"], Kind.MONEY, client),
    )
    sentence = f"{figures[0].text} units sold in {counted(during['days'], 'day')}"
    if during["uplift_units"] is not None:
        sentence += f", {figures[1].text} expected without it: {figures[2].text} more"
        if (interval := during["uplift_interval"]) is not None:
            low, high = quantity(round(interval["low"])), quantity(round(interval["high"]))
            sentence += f" (80 % interval: {low} to {high})"
    sentence += "."
    if money["result"] is not None:
        sentence += f" Margin of what sold more, less the budget: {figures[5].text}."
    elif money["no_result"] is not None:
        sentence += f" There is no result in money: {money['no_result'].replace('_', ' ')}."
    return Shown(sentence, figures, links=(link,))


def _show_products(given: OneCampaign, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    products = content["products"]
    title = name(content["name"])
    sentence = (
        f"{title} is {content['status']}, {day(content['start_date'])} to {day(content['end_date'])}, with "
        f"{counted(content['product_count'], 'product')}"
    )
    budget = f" and a budget of {written(content['budget'], Kind.MONEY, client)}." if content["budget"] else "."
    columns = (Column("item_id", "Item"), Column("discount", "Discount in %", Kind.QUANTITY))
    shown = table(columns, products, [product_href(each["item_id"]) for each in products], content["product_count"])
    link = Link(title, campaign_href(given.campaign_id))
    return Shown(sentence + budget, (figure("Products", content["product_count"], Kind.COUNT, client),), shown, (link,))


LIST_CAMPAIGNS = ReadingTool(
    "list_campaigns",
    "Campaigns by status, day or name.",
    CampaignList,
    lambda given: get("/campaigns", **given.model_dump(exclude_none=True, exclude={"limit"}), page_size=given.limit),
    _show_list,
)
CAMPAIGN_DETAILS = ReadingTool(
    "campaign_details",
    "One campaign with its products and their discounts.",
    OneCampaign,
    lambda given: get(f"/campaigns/{encoded(given.campaign_id)}"),
    _show_products,
)
CAMPAIGN_PERFORMANCE = ReadingTool(
    "campaign_performance",
    "What a campaign brought: units and revenue against what was expected without it, with an interval, and money.",
    OneCampaign,
    lambda given: get(f"/campaigns/{encoded(given.campaign_id)}/performance"),
    _show_performance,
)
TOOLS = (LIST_CAMPAIGNS, CAMPAIGN_DETAILS, CAMPAIGN_PERFORMANCE)
