"""A client's planning settings: thresholds, ordering policy, recommendation rules, notifications."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    GetJsonSchemaHandler,
    HttpUrl,
    UrlConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shared.domain.access.principal import Role
from shared.domain.errors import InvalidField
from shared.domain.forecast_engine import EngineName
from shared.domain.notification import NotificationEvent

Model = TypeVar("Model", bound=BaseModel)
Days = Annotated[int, Field(ge=0, le=3650)]
Level = Annotated[float, Field(gt=0, lt=1)]
ReplenishmentPolicy = Literal["service_level", "least_cost", "forecast_30d"]
LevelAllocation = Literal["by_cost", "by_value", "equal"]
ItemClass = Literal["AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"]
CostRate = Annotated[float, Field(gt=0, le=10)]
Cost = Annotated[
    Decimal,
    Field(ge=Decimal("0.0001"), le=1_000_000, decimal_places=4),
    WithJsonSchema(
        {"type": "number", "minimum": 0.0001, "maximum": 1_000_000, "multipleOf": 0.0001}, mode="validation"
    ),
    WithJsonSchema({"type": "number", "minimum": 0.0001, "maximum": 1_000_000}, mode="serialization"),
]
Share = Annotated[Decimal, Field(ge=0, le=1), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]


_MAX_URL_LENGTH = 2000  # as given and, once encoded, as stored: what was taken can be read back


def _encoded_is_short(url: HttpUrl) -> HttpUrl:
    """Raises ValueError for a URL that is longer than allowed once its characters are encoded, as it is stored."""
    if len(str(url)) > _MAX_URL_LENGTH:
        raise ValueError(f"encoded it has {len(str(url)):,} characters; allowed are {_MAX_URL_LENGTH:,}")
    return url


WebhookUrl = Annotated[HttpUrl, UrlConstraints(max_length=_MAX_URL_LENGTH), AfterValidator(_encoded_is_short)]


class RecommendationType(StrEnum):
    URGENT = "URGENT"
    REORDER = "REORDER"
    REDUCE_ORDER = "REDUCE_ORDER"
    DEAD_STOCK = "DEAD_STOCK"
    PROMOTE = "PROMOTE"


_URGENT, _REORDER, _REDUCE, _DEAD, _PROMOTE = RecommendationType
_Types = Annotated[tuple[RecommendationType, ...], Field(max_length=len(RecommendationType))]


class NotificationTargets(BaseModel, frozen=True, extra="forbid"):
    """Which events the client's own systems are told of, and where: webhooks by Standard Webhooks."""

    webhook_url: Annotated[
        WebhookUrl | None, Field(description="What is called with each event, over https; null: nothing.")
    ] = None
    secret: Annotated[
        str | None,
        Field(
            max_length=55,
            pattern=r"^[a-z0-9](?:[a-z0-9-]{0,53}[a-z0-9])?$",
            description="Name of the secret that signs: its value is base64, `whsec_...`. While there is a secret "
            "NAME-previous, that one signs too.",
        ),
    ] = None
    events: Annotated[
        tuple[NotificationEvent, ...],
        Field(max_length=len(NotificationEvent), description="The events that are told."),
    ] = tuple(NotificationEvent)

    def wants(self, event: NotificationEvent) -> bool:
        """Whether such an event is to be told."""
        return self.webhook_url is not None and event in self.events


class ThresholdFilters(BaseModel, frozen=True, extra="forbid"):
    """When a recommendation is made; the defaults are those of the rules."""

    urgent_min_risk: Level = 0.7
    reduce_order_min_dir_days: Days = 90
    promote_min_dir_days: Days = 30


class RecommendationRules(BaseModel, frozen=True, extra="forbid"):
    """Which recommendations are made, for whom, and from which thresholds on."""

    enabled_types: _Types = tuple(RecommendationType)
    role_rules: dict[Role, _Types] = {
        Role.CEO: (_URGENT, _DEAD, _REDUCE),
        Role.PROCUREMENT: (_URGENT, _REORDER, _REDUCE, _DEAD),
        Role.MARKETING: (_PROMOTE, _DEAD),
    }
    threshold_filters: ThresholdFilters = ThresholdFilters()


# What a row of metrics is computed from (shared/domain/planning/metrics.py and what it calls). The others are looked at
# when rows are read.
_URGENT_RISK = {"threshold_filters": {"urgent_min_risk"}}
METRIC_SETTINGS: Mapping[str, Any] = {
    "safety_buffer_days": True,
    "understocked_threshold": True,
    "overstocked_threshold": True,
    "dead_stock_days": True,
    "default_lead_time_days": True,
    "review_period_days": True,
    "service_level": True,
    "level_allocation": True,
    "holding_cost_rate": True,
    "shortage_cost_rate": True,
    "holding_cost": True,
    "shortage_cost": True,
    "service_level_by_class": True,
    "suggestion_min_risk": True,
    "replenishment_policy": True,
    "recommendation_rules": _URGENT_RISK,
}


class ThresholdsOutOfOrder(InvalidField):
    """overstocked_threshold is not above understocked_threshold."""

    code = "thresholds_out_of_order"


class WebhookNotSigned(InvalidField):
    """A webhook is set without the name of a secret: its receiver could not tell who calls."""

    code = "webhook_not_signed"


class ShortageBelowHolding(InvalidField):
    """shortage_cost is below holding_cost: then no stock at all would be best."""

    code = "shortage_below_holding"


class SettingsFields(BaseModel, frozen=True, extra="forbid"):
    """What a client can set. Thresholds and times are days."""

    safety_buffer_days: Annotated[
        Days, Field(description="Days of demand that an order and the risk window hold beyond the lead time.")
    ] = 7
    understocked_threshold: Annotated[
        int, Field(gt=0, le=3650, description="Days of inventory below which an item is understocked.")
    ] = 14
    overstocked_threshold: Annotated[
        int, Field(gt=0, le=3650, description="Days of inventory above which an item is overstocked.")
    ] = 90
    dead_stock_days: Annotated[
        Days, Field(description="Days without a sale after which stock of which nothing is expected to sell is dead.")
    ] = 90
    marketing_threshold_days: Annotated[
        Days, Field(description="Days of inventory that the filter `marketing_threshold` compares with.")
    ] = 30
    default_lead_time_days: Annotated[
        Days, Field(description="Days from order to receipt of an item without a supplier.")
    ] = 14
    review_period_days: Annotated[
        Days, Field(description="Days between two orders; policy `service_level` covers them beside the lead time.")
    ] = 7
    service_level: Annotated[
        Level,
        Field(description="Probability that demand is met until the next order arrives, the mean over all orders."),
    ] = 0.95
    level_allocation: Annotated[
        LevelAllocation,
        Field(
            description="Of what most is served for the money in stock: units (`by_cost`, a higher level the less a "
            "unit costs), or sales (`by_value`, a higher level the less it costs of its price); `equal`: one for all."
        ),
    ] = "by_cost"
    holding_cost_rate: Annotated[
        CostRate,
        Field(description="What a unit in stock costs a year, as a share of its cost; for the policy `least_cost`."),
    ] = 0.2
    shortage_cost_rate: Annotated[
        CostRate | None,
        Field(description="What a lost unit costs, as a share of its price; null: what the price is above the cost."),
    ] = None
    holding_cost: Annotated[
        Cost | None,
        Field(description="What a unit in stock costs a review period, in money; null: by `holding_cost_rate`."),
    ] = None
    shortage_cost: Annotated[
        Cost | None, Field(description="What a lost unit costs, in money; null: by `shortage_cost_rate`.")
    ] = None
    service_level_by_class: Annotated[
        dict[ItemClass, Level],
        Field(description="Service levels by ABC and XYZ class, such as AX, in place of the allocated ones."),
    ] = {}
    suggestion_min_risk: Annotated[
        Level, Field(description="Stockout risk from which policy `forecast_30d` suggests an order.")
    ] = 0.3
    replenishment_policy: Annotated[
        ReplenishmentPolicy, Field(description="Up to which inventory position an item is ordered.")
    ] = "service_level"
    receive_updates_stock: Annotated[bool, Field(description="Whether a receipt of goods raises the stock.")] = True
    over_receipt_tolerance: Annotated[
        Share, Field(description="Share of a line's quantity that may arrive beyond it.")
    ] = Field(default_factory=Decimal)
    forecast_engine: Annotated[
        EngineName | None,
        Field(description="What makes the daily forecast and any that names no engine; null: the deployment's own."),
    ] = None
    recommendation_rules: Annotated[
        RecommendationRules, Field(description="Which recommendations are made, for whom, and from which thresholds.")
    ] = RecommendationRules()
    notifications: Annotated[
        NotificationTargets, Field(description="Which events the client's own systems are told of, and where.")
    ] = NotificationTargets()


class SettingsChange(SettingsFields, frozen=True):
    """What is to be set. A setting that is left out stays as it is."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        shown = handler(schema)
        for setting in handler.resolve_ref_schema(shown)["properties"].values():
            setting.pop("default", None)  # of a new client; here nothing is set by leaving it out
        return shown


class Settings(SettingsFields, frozen=True):
    """A client's settings; the defaults hold until it saves its own."""

    @property
    def metric_inputs(self) -> str:
        """What metrics are computed from, as one text: rows that were computed under another one differ."""
        return self.model_dump_json(include=dict(METRIC_SETTINGS))

    def changed(self, change: SettingsFields) -> Settings:
        """With what the change names, of the recommendation rules too; raises ThresholdsOutOfOrder,
        ShortageBelowHolding."""
        changed = _merged(self, change)
        if error := _disorder(changed):
            raise ThresholdsOutOfOrder("/overstocked_threshold", error)
        if error := _too_cheap(changed):
            raise ShortageBelowHolding("/shortage_cost", error)
        targets = changed.notifications
        if targets.webhook_url is not None and targets.secret is None:
            raise WebhookNotSigned("/notifications/secret", "a webhook needs the name of the secret that signs")
        return changed

    def with_rules(self, change: RecommendationRules) -> Settings:
        """With what the change of the recommendation rules names."""
        return self.model_copy(update={"recommendation_rules": _merged(self.recommendation_rules, change)})

    @model_validator(mode="after")
    def _in_order(self) -> Settings:
        if error := _disorder(self) or _too_cheap(self):
            raise ValueError(error)
        return self


def _disorder(settings: Settings) -> str | None:
    """What is wrong with the order of the thresholds."""
    under, over = settings.understocked_threshold, settings.overstocked_threshold
    return None if over > under else f"overstocked_threshold ({over}) must be above understocked_threshold ({under})"


def _too_cheap(settings: Settings) -> str | None:
    """Why lost units cost too little for any stock to be worth its while."""
    holding, shortage = settings.holding_cost, settings.shortage_cost
    if holding is None or shortage is None or shortage >= holding:
        return None
    return f"shortage_cost ({shortage:f}) must not be below holding_cost ({holding:f})"


def _merged(current: Model, change: BaseModel) -> Model:
    """`current` with the fields that the change was given, and of models among them with the fields of those."""
    given = {name: getattr(change, name) for name in change.model_fields_set}
    inner = {name: _merged(getattr(current, name), value) for name, value in given.items() if _is_model(value)}
    return current.model_copy(update=given | inner)


def _is_model(value: object) -> bool:
    return isinstance(value, BaseModel)
