"""Tools that say what is not wanted: a recommendation dismissed, a product not to be ordered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from shared.domain.access.abilities import Ability
from shared.domain.settings import RecommendationType
from shared.tools.call import ApiCall, encoded, get
from shared.tools.showing import ClientFacts, Kind, Link, day, figure, name, product_href
from shared.tools.tool import Arguments, NothingToDo, Plan, WritingTool

_Reason = Annotated[str | None, Field(max_length=500, description="Why, for others to read.")]


class Dismissal(Arguments):
    item_id: Annotated[str, Field(min_length=1, max_length=500, description="The product's item_id.")]
    type: Annotated[
        RecommendationType, Field(description="Which advice; REORDER hides URGENT too, so the product is snoozed.")
    ] = RecommendationType.REORDER
    until: Annotated[dt.date | None, Field(description="The last day on which it is hidden; default: for good.")] = None
    reason: _Reason = None


class OrderBlock(Arguments):
    item_id: Annotated[str, Field(min_length=1, max_length=500, description="The product's item_id.")]
    blocked: Annotated[bool, Field(description="false: it may be ordered again.")] = True
    until: Annotated[dt.date | None, Field(description="The last day; default: until that is taken back.")] = None
    reason: _Reason = None


def _product(given: Dismissal | OrderBlock) -> ApiCall:
    return get(f"/products/{encoded(given.item_id)}", days=1)


def _plan_dismissal(given: Dismissal, content: Mapping[str, Any], client: ClientFacts) -> Plan:
    _check(given.until, client)
    title = name(content["product_name"])
    ordering = given.type in (RecommendationType.REORDER, RecommendationType.URGENT)
    until = f" until {day(given.until)}" if given.until else " for good"
    what = f"Snooze {title}: suggest no order of it" if ordering else f"Hide the advice {given.type.value} of {title}"
    body = {**({"until": given.until.isoformat()} if given.until else {}), **_reason(given.reason)}
    return Plan(
        f"{what}{until}.",
        (ApiCall("POST", f"/recommendations/{encoded(f'{given.type.value}:{given.item_id}')}/dismiss", body=body),),
        f"{title} is snoozed{until}." if ordering else f"The advice about {title} is hidden{until}.",
        _figures(content, client),
        links=(Link(title, product_href(given.item_id)), Link("Recommendations", "/recommendations")),
        exact=(given.item_id,),
    )


def _plan_block(given: OrderBlock, content: Mapping[str, Any], client: ClientFacts) -> Plan:
    _check(given.until, client)
    title = name(content["product_name"])
    planning = content["planning"] or {}
    if not given.blocked and not planning.get("do_not_order"):
        raise NothingToDo(f"{title} may be ordered already.")
    until = f" until {day(given.until)}" if given.until and given.blocked else ""
    fields: dict[str, Any] = {"do_not_order": given.blocked}
    if given.blocked:
        # null takes an earlier end back: what is confirmed is what is said.
        fields |= {"do_not_order_until": given.until.isoformat() if given.until else None, **_reason(given.reason)}
    summary = f"Mark {title} as not to be ordered{until}." if given.blocked else f"Let {title} be ordered again."
    done = f"{title} is not to be ordered{until}." if given.blocked else f"{title} may be ordered again."
    return Plan(
        summary,
        (ApiCall("PATCH", f"/products/{encoded(given.item_id)}", body={"planning": fields}),),
        done,
        _figures(content, client),
        links=(Link(title, product_href(given.item_id)),),
        exact=(given.item_id,),
    )


def _check(until: dt.date | None, client: ClientFacts) -> None:
    if until is not None and until < client.today:
        raise NothingToDo(f"{day(until)} has passed; name a day from {day(client.today)} on.")


def _reason(reason: str | None) -> dict[str, str]:
    return {} if reason is None else {"reason": reason}


def _figures(product: Mapping[str, Any], client: ClientFacts) -> tuple[Any, ...]:
    return (
        figure("In stock", product["current_stock"], Kind.QUANTITY, client),
        figure("On order", product["on_order"], Kind.QUANTITY, client),
        figure("Stockout risk", product["stockout_risk"], Kind.SHARE, client),
        figure("Sales at risk", product["sales_at_risk"], Kind.MONEY, client),
    )


DISMISS = WritingTool(
    "dismiss_recommendation",
    "Hide an advice about a product, for good or until a day; of REORDER: snooze the product, so that no order of it "
    "is suggested meanwhile. Has to be confirmed.",
    Dismissal,
    Ability.DISMISS_RECOMMENDATIONS,
    _product,
    _plan_dismissal,
)
SET_DO_NOT_ORDER = WritingTool(
    "set_do_not_order",
    "Mark a product as not to be ordered, for good or until a day, or let it be ordered again. Has to be confirmed.",
    OrderBlock,
    Ability.EDIT_PRODUCTS,
    _product,
    _plan_block,
)
WRITING_TOOLS = (DISMISS, SET_DO_NOT_ORDER)
