"""Edits of products as their endpoints take them: fields, batches, purchase terms and locations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError, WithJsonSchema

from shared.domain.errors import StockcastError
from shared.domain.money import round_quantity, round_unit_money
from shared.domain.purchasing.item_planning import ItemPlanning
from shared.domain.purchasing.order_quantity import MAX_QUANTITY
from shared.domain.purchasing.product import UNCATEGORIZED, Condition, Product
from shared.domain.settings import Level
from shared.firestore.versioned import Versioned
from shared.http.app import BodyModel
from shared.http.exact_types import CHECKED_APART, AsSent, differences
from shared.http.identifiers import ItemId, LocationId, SupplierId
from shared.http.problems import invalid_fields, invalid_input
from shared.http.texts import Code, Line, Lines, LongLine
from shared.http.types import Quantity, UnitMoney

MAX_UNIT_COST = 1_000_000_000  # as in imports
MAX_BATCH = 250
MAX_CONDITION_LEAD_TIME_DAYS = 3650

# By the rule of imports: what an import has brought can be sent back as it is.
Name = Annotated[LongLine, Field(description="What the product is called; printable characters.")]
Sku = Annotated[Line | None, Field(description="Stock keeping unit, where it is not the item_id; null: none.")]
Category = Annotated[Line, Field(description="What the product is listed under.")]
Cost = Annotated[UnitMoney, Field(ge=0, le=MAX_UNIT_COST, decimal_places=4), AfterValidator(round_unit_money)]
Price = Annotated[Cost | None, Field(description="What a unit sells for, in the client's currency; null: not known.")]
Strategic = Annotated[bool, Field(description="Whether it stays in stock even if it does not sell.")]
NeedsReview = Annotated[bool, Field(description="Whether somebody is to look at the name, the category or the cost.")]
Amount = Annotated[Quantity, Field(ge=0, le=MAX_QUANTITY, decimal_places=3), AfterValidator(round_quantity)]


class PlanningBody(BodyModel):
    """What is planned for the item itself; omitted fields stay as they are, null leaves it to the settings again."""

    service_level: Annotated[
        Level | None,
        Field(description="Probability that its demand is met until the next order arrives. Before that of its class."),
    ] = None
    min_stock: Annotated[
        Amount | None, Field(description="Least that it is ordered up to, all locations together, in units.")
    ] = None
    max_stock: Annotated[
        Amount | None, Field(description="Most that it is ordered up to, all locations together, in units.")
    ] = None
    do_not_order: Annotated[
        bool | None, Field(description="Whether no order of it is to be suggested. false ends it with its date.")
    ] = None
    do_not_order_until: Annotated[
        dt.date | None, Field(description="Last day on which none is; it ends by itself then. null: no end is planned.")
    ] = None
    reason: Annotated[Lines | None, Field(description="Why it is planned so, for people.")] = None

    def applied_to(self, planning: ItemPlanning | None) -> ItemPlanning | None:
        given = self.model_dump(exclude_unset=True)
        if "do_not_order" in given and not given["do_not_order"]:
            given = {"do_not_order_until": None} | given | {"do_not_order": False}
        changed = replace(planning or ItemPlanning(), **given)
        return None if changed == ItemPlanning() else changed


Planning = Annotated[
    PlanningBody | None,
    Field(description="What is planned for the item itself; null leaves all of it to the settings again."),
]


def _changed(product: Product, values: Mapping[str, Any], planning: ItemPlanning | None, today: dt.date) -> Product:
    if planning is not None:
        planning.check(today, product.planning)
    return replace(product, **{**values, "planning": planning})


class ProductPatch(BodyModel):
    """Omitted fields stay as they are."""

    product_name: Name = Field(default_factory=str)
    sku: Sku = None
    category: Category = Field(default_factory=str)
    unit_cost: Cost = Field(default_factory=Decimal)
    unit_price: Price = None
    strategic: Strategic = Field(default_factory=bool)
    needs_review: NeedsReview = Field(default_factory=bool)
    planning: Planning = None

    def applied_to(self, product: Product, today: dt.date) -> Product:
        """The changed product; raises PLANNING_ERRORS."""
        values = self.model_dump(exclude_unset=True, exclude={"item_id", "planning"})
        if "planning" not in self.model_fields_set:
            return replace(product, **values)
        planning = None if self.planning is None else self.planning.applied_to(product.planning)
        return _changed(product, values, planning, today)


class ProductBody(BodyModel):
    """All fields of a product; omitted fields take their defaults."""

    product_name: Name
    sku: Sku = None
    category: Category = UNCATEGORIZED
    unit_cost: Cost = Field(default_factory=lambda: Decimal("0.00"))
    unit_price: Price = None
    strategic: Strategic = False
    needs_review: NeedsReview = False
    planning: Planning = None

    def applied_to(self, product: Product, today: dt.date) -> Product:
        """The changed product; raises PLANNING_ERRORS."""
        planning = None if self.planning is None else self.planning.applied_to(None)
        return _changed(product, self.model_dump(exclude={"planning"}), planning, today)


class PlanningFields(BaseModel):
    """What is planned for an item itself; null, and false, leave it to the settings."""

    service_level: float | None = Field(description="Probability that its demand is met until the next order arrives")
    min_stock: Quantity | None = Field(description="Least that it is ordered up to, all locations together")
    max_stock: Quantity | None = Field(description="Most that it is ordered up to, all locations together")
    do_not_order: bool = Field(description="Whether no order of it is suggested")
    do_not_order_until: dt.date | None = Field(description="Last day on which none is; null: no end is planned")
    reason: str | None = Field(description="Why it is planned so")


class ProductFields(BaseModel):
    """A product's own fields, as they are after a change."""

    item_id: str = Field(description="The client's id of the product")
    product_name: str = Field(description="Name")
    sku: str | None = Field(description="Stock keeping unit, where it is not the item_id; null: none")
    category: str = Field(description='Category; "Uncategorized" where none is known')
    unit_cost: UnitMoney = Field(description="What a unit costs")
    unit_price: UnitMoney | None = Field(description="What a unit sells for; null: not known")
    strategic: bool = Field(description="Whether it stays in stock even if it does not sell: never dead stock")
    needs_review: bool = Field(description="Whether an import had to fill in the name, the category or the cost")
    planning: PlanningFields | None = Field(
        description="What is planned for the item itself; null: all of it is left to the settings"
    )
    created_at: dt.datetime | None = Field(description="When the product was added, UTC")
    updated_at: dt.datetime | None = Field(description="When this change was made, UTC")

    @classmethod
    def of(cls, product: Versioned[Product]) -> ProductFields:
        planning = product.value.planning
        fields = {**vars(product.value), "planning": None if planning is None else PlanningFields(**vars(planning))}
        return cls(**fields, created_at=product.created_at, updated_at=product.updated_at)


class ProductUpdate(ProductPatch):
    """One update of a batch: the product, and the fields that change."""

    item_id: ItemId


@dataclass(frozen=True)
class InvalidUpdate:
    """An update of a batch that cannot be made. `item_id` None: it names no item."""

    item_id: str | None
    error: StockcastError


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with its definitions in the places that name them: it becomes part of another."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(part, definitions) for key, part in schema.items() if key != "$defs"}


def _update_schema() -> dict[str, Any]:
    schema = ProductUpdate.model_json_schema(schema_generator=AsSent)
    return {**_inlined(schema, schema.get("$defs", {})), CHECKED_APART: True}


_UPDATE_SCHEMA = WithJsonSchema(_update_schema())


class ProductBatch(BodyModel):
    """Each update is checked on its own: an invalid one does not stop the others."""

    updates: Annotated[
        list[Annotated[dict[str, object], _UPDATE_SCHEMA]],
        Field(min_length=1, max_length=MAX_BATCH),
    ]

    def checked(self) -> list[ProductUpdate | InvalidUpdate]:
        """The updates in their order, each as it is valid or with its error."""
        return [_checked(update, f"/updates/{number}") for number, update in enumerate(self.updates)]


def _checked(update: Mapping[str, object], pointer: str) -> ProductUpdate | InvalidUpdate:
    try:
        checked = ProductUpdate.model_validate(update)
        errors = differences(ProductUpdate, update, pointer)
        refusal = invalid_fields(errors) if errors else None
    except ValidationError as error:
        refusal = invalid_input(error, pointer, update)
    if refusal is None:
        return checked
    item_id = update.get("item_id")
    return InvalidUpdate(item_id if isinstance(item_id, str) else None, refusal)


class UpdateError(BaseModel):
    """Why an update was not made, as in a problem document."""

    code: str
    detail: str
    errors: list[dict[str, str]]


class UpdateResult(BaseModel):
    item_id: Annotated[str | None, Field(description="null: the update named no item.")]
    status: Literal["updated", "unchanged", "failed"]
    error: UpdateError | None


class BatchResult(BaseModel):
    """A result for each update, in the order of the updates."""

    items: list[UpdateResult]


LeadTime = Annotated[int, Field(ge=0, le=MAX_CONDITION_LEAD_TIME_DAYS)]
Pack = Annotated[Quantity, Field(gt=0, le=MAX_QUANTITY, decimal_places=3), AfterValidator(round_quantity)]


_SupplierSku = Annotated[Code | None, Field(description="The product's number at the supplier.")]
_PackagingUnit = Annotated[Line | None, Field(description="What it is packed in, such as a box or a pallet.")]
_Notes = Annotated[Lines | None, Field(description="Anything else, for people.")]


class NewConditionBody(BodyModel):
    """A supplier of the product and its purchase terms."""

    supplier_id: Annotated[SupplierId, Field(description="The supplier's id.")]
    supplier_sku: _SupplierSku = None
    lead_time_days: Annotated[
        LeadTime | None,
        Field(description="Days from order to receipt. Default: the supplier's, else that of the settings."),
    ] = None
    moq: Annotated[Amount, Field(description="Least quantity of an order, in units. Default: 0.")] = Field(
        default_factory=lambda: Decimal("0.000")
    )
    packaging_unit: _PackagingUnit = None
    packaging_qty: Annotated[Pack, Field(description="Units in a pack; orders are multiples of it. Default: 1.")] = (
        Field(default_factory=lambda: Decimal("1.000"))
    )
    supplier_cost: Annotated[Cost, Field(description="What a unit costs, in the client's currency.")]
    is_primary: Annotated[
        bool | None,
        Field(description="Whether planning goes by this supplier. Default: true for the product's first supplier."),
    ] = None
    notes: _Notes = None


class ConditionBody(BodyModel):
    """Omitted fields stay as they are."""

    supplier_sku: _SupplierSku = None
    lead_time_days: Annotated[LeadTime, Field(description="Days from order to receipt.")] = Field(default_factory=int)
    moq: Annotated[Amount, Field(description="Least quantity of an order, in units.")] = Field(default_factory=Decimal)
    packaging_unit: _PackagingUnit = None
    packaging_qty: Annotated[Pack, Field(description="Units in a pack; orders are multiples of it.")] = Field(
        default_factory=Decimal
    )
    supplier_cost: Annotated[Cost, Field(description="What a unit costs, in the client's currency.")] = Field(
        default_factory=Decimal
    )
    is_primary: Annotated[bool, Field(description="Whether planning goes by this supplier.")] = Field(
        default_factory=bool
    )
    notes: _Notes = None

    def applied_to(self, condition: Condition) -> Condition:
        return replace(condition, **self.model_dump(exclude_unset=True))


class ItemLocationBody(BodyModel):
    location_id: LocationId
    current_stock: Amount = Field(default_factory=lambda: Decimal("0.000"), description="Default: 0.")
