"""What a campaign brought in money: the uplift of each product times its margin, less the budget."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.campaign_performance import MeasuredProduct, Span, mean_price
from shared.domain.money import round_money

_PERCENT = Decimal(100)


class PriceBasis(StrEnum):
    """Where sale prices come from."""

    SALES = "sales"
    UNIT_PRICE = "unit_price"
    BOTH = "both"


class NoResult(StrEnum):
    """Why there is no result in money."""

    NOT_STARTED = "not_started"
    NOT_MEASURED = "not_measured"
    NO_MARGIN = "no_margin"
    NO_BUDGET = "no_budget"


@dataclass(frozen=True)
class ProductPrices:
    """What a unit costs the client, 0 where nobody said, and what it sells for, None where that is not known."""

    unit_cost: Decimal
    unit_price: Decimal | None


@dataclass(frozen=True)
class CampaignMoney:
    """Money has 2 decimals. `products_with_margin` of the measured products are in the sums, which are None without
    any; the others lack a price, a cost, or both."""

    uplift_margin: Decimal | None
    budget: Decimal | None
    result: Decimal | None
    no_result: NoResult | None
    products_with_margin: int
    products_without_price: int
    products_without_cost: int
    price_basis: PriceBasis | None


def campaign_money(
    campaign: Campaign, products: Collection[MeasuredProduct], prices: Mapping[str, ProductPrices], started: bool
) -> CampaignMoney:
    """Sum of uplift x (sale price - unit cost) over the products whose price and cost are known, less the budget.

    `prices` are those of the catalog; a product that is not there has neither.
    """
    discounts = {product.item_id: product.discount for product in campaign.products}
    total, bases, without_price, without_cost = Decimal(0), [], 0, 0
    for product in products:
        listed = prices.get(product.item_id)
        price = _price(product, listed, discounts.get(product.item_id))
        cost = listed.unit_cost if listed is not None and listed.unit_cost > 0 else None
        without_price += price is None
        without_cost += cost is None
        if price is not None and cost is not None:
            bases.append(price.basis)
            total += _uplift(product) * (price.amount - cost)
    measured = any(product.sales is not None for product in products)
    uplift_margin = round_money(total) if started and measured and bases else None
    budget = campaign.budget
    reason = _reason(started, measured, bool(bases), budget)
    return CampaignMoney(
        uplift_margin=uplift_margin,
        budget=budget,
        result=None if uplift_margin is None or budget is None else round_money(uplift_margin - budget),
        no_result=reason,
        products_with_margin=len(bases),
        products_without_price=without_price,
        products_without_cost=without_cost,
        price_basis=None if not bases else bases[0] if len(set(bases)) == 1 else PriceBasis.BOTH,
    )


@dataclass(frozen=True)
class _Price:
    amount: Decimal
    basis: PriceBasis


def _price(product: MeasuredProduct, listed: ProductPrices | None, discount: Decimal | None) -> _Price | None:
    """What a unit sold for during the campaign; where none was sold with a revenue then, before it; else its unit price
    less the discount."""
    for span in (Span.DURING, Span.REFERENCE):
        if (sold_for := mean_price([product], span)) is not None:
            return _Price(sold_for, PriceBasis.SALES)
    if listed is None or listed.unit_price is None:
        return None
    return _Price(listed.unit_price * (1 - (discount or Decimal(0)) / _PERCENT), PriceBasis.UNIT_PRICE)


def _uplift(product: MeasuredProduct) -> Decimal:
    return product.sold(Span.DURING).units - Decimal(str(product.expected.get(Span.DURING, 0.0)))


def _reason(started: bool, measured: bool, with_margin: bool, budget: Decimal | None) -> NoResult | None:
    if not started:
        return NoResult.NOT_STARTED
    if not measured:
        return NoResult.NOT_MEASURED
    if not with_margin:
        return NoResult.NO_MARGIN
    return NoResult.NO_BUDGET if budget is None else None
