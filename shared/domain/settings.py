"""A client's planning settings: thresholds, ordering policy, recommendation rules, notifications."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, HttpUrl, UrlConstraints, WithJsonSchema, model_validator

from shared.domain.access.principal import Role

Days = Annotated[int, Field(ge=0, le=3650)]
Level = Annotated[float, Field(gt=0, lt=1)]
ReplenishmentPolicy = Literal["forecast_30d", "service_level"]
Share = Annotated[Decimal, Field(ge=0, le=1), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]


_MAX_URL_LENGTH = 2083


def _encoded_is_short(url: HttpUrl) -> HttpUrl:
    """Raises ValueError for a URL that is longer than allowed once its characters are encoded, as it is stored."""
    if len(str(url)) > _MAX_URL_LENGTH:
        raise ValueError(f"encoded it has {len(str(url)):,} characters; allowed are {_MAX_URL_LENGTH:,}")
    return url


WebhookUrl = Annotated[HttpUrl, UrlConstraints(max_length=2000), AfterValidator(_encoded_is_short)]


class RecommendationType(StrEnum):
    URGENT = "URGENT"
    REORDER = "REORDER"
    REDUCE_ORDER = "REDUCE_ORDER"
    DEAD_STOCK = "DEAD_STOCK"
    PROMOTE = "PROMOTE"


_URGENT, _REORDER, _REDUCE, _DEAD, _PROMOTE = RecommendationType
_Types = Annotated[tuple[RecommendationType, ...], Field(max_length=len(RecommendationType))]


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
METRIC_SETTINGS = frozenset(
    {
        "safety_buffer_days",
        "understocked_threshold",
        "overstocked_threshold",
        "dead_stock_days",
        "default_lead_time_days",
        "review_period_days",
        "service_level",
        "replenishment_policy",
    }
)


class Settings(BaseModel, frozen=True, extra="forbid"):
    """A client's settings; the defaults hold until it saves its own. Thresholds and times are days."""

    safety_buffer_days: Days = 7
    understocked_threshold: Annotated[int, Field(gt=0, le=3650)] = 14
    overstocked_threshold: Annotated[int, Field(gt=0, le=3650)] = 90
    dead_stock_days: Days = 90
    marketing_threshold_days: Days = 30
    default_lead_time_days: Days = 14
    review_period_days: Days = 7
    service_level: Level = 0.95
    suggestion_min_risk: Level = 0.3
    replenishment_policy: ReplenishmentPolicy = "forecast_30d"
    receive_updates_stock: bool = True
    over_receipt_tolerance: Share = Field(default_factory=Decimal)
    recommendation_rules: RecommendationRules = RecommendationRules()
    notification_webhook: WebhookUrl | None = None

    @property
    def metric_inputs(self) -> str:
        """What metrics are computed from, as one text: rows that were computed under another one differ."""
        return self.model_dump_json(include=set(METRIC_SETTINGS))

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Settings:
        if self.overstocked_threshold <= self.understocked_threshold:
            raise ValueError(
                f"overstocked_threshold ({self.overstocked_threshold}) must be above "
                f"understocked_threshold ({self.understocked_threshold})"
            )
        return self
