"""What the rules of meaning.py and commands.py work with: the ids that a question names, and a tool with arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.domain.chat.lexicon import Topic
from shared.domain.chat.question import Question

URGENT_RISK = 0.7  # what the advice URGENT begins at, by default
SOON_DAYS = 14  # "soon", of what runs out


@dataclass(frozen=True)
class Names:
    """The ids that a question names; `products` has several where its words fit several alike."""

    supplier_id: str | None = None
    category: str | None = None
    location_id: str | None = None
    products: tuple[str, ...] = ()
    campaign_id: str | None = None
    search: str | None = None  # words that several products have
    supplier_ids: tuple[str, ...] = ()  # all that are named
    campaign_ids: tuple[str, ...] = ()
    to_location_id: str | None = None  # of two places, where to

    @property
    def item_id(self) -> str | None:
        return self.products[0] if len(self.products) == 1 else None

    @property
    def narrows(self) -> bool:
        """Whether figures of the whole would be of too much."""
        return bool(self.supplier_id or self.category or self.products or self.search)


@dataclass(frozen=True)
class Meaning:
    """A tool with its arguments."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    further: tuple[Meaning, ...] = ()  # what is to be called as well


@dataclass(frozen=True)
class Missing:
    """The question is understood but for whom or what it is about."""

    what: str  # "product", "supplier", "campaign"


Rule = Callable[[Question, Names, dt.date], Meaning | Missing | None]


def without_none(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None and value != []}


def as_list(value: str | None) -> list[str] | None:
    return None if value is None else [value]


def where(names: Names) -> dict[str, Any]:
    """Supplier, category, location and words of a product list."""
    return without_none(
        supplier_id=suppliers_of(names),
        category=as_list(names.category),
        location_id=as_list(names.location_id),
        search=names.search,
        item_id=list(names.products) if names.products and not names.search else None,
    )


def suppliers_of(names: Names) -> list[str] | None:
    return list(names.supplier_ids) or as_list(names.supplier_id)


def suggestion_arguments(question: Question, names: Names) -> dict[str, Any]:
    return without_none(
        supplier_id=names.supplier_id,
        category=names.category,
        location_id=names.location_id,
        min_risk=risk_of(question),
        top=question.amounts.top,
        budget=question.budget,
    )


def risk_of(question: Question) -> float | None:
    if question.amounts.share is not None:
        return question.amounts.share
    return URGENT_RISK if question.about(Topic.URGENT) else None
