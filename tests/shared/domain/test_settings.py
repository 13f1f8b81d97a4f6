"""Settings: the defaults of the rules, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.settings import RecommendationRules, Settings


def test_the_defaults_are_those_of_the_rules() -> None:
    shown = Settings().model_dump(mode="json")
    assert {name: shown[name] for name in shown if name != "recommendation_rules"} == {
        "safety_buffer_days": 7,
        "understocked_threshold": 14,
        "overstocked_threshold": 90,
        "dead_stock_days": 90,
        "marketing_threshold_days": 30,
        "default_lead_time_days": 14,
        "review_period_days": 7,
        "service_level": 0.95,
        "suggestion_min_risk": 0.3,
        "replenishment_policy": "forecast_30d",
        "receive_updates_stock": True,
        "over_receipt_tolerance": "0",
        "notification_webhook": None,
    }
    assert shown["recommendation_rules"]["role_rules"] == {
        "CEO": ["URGENT", "DEAD_STOCK", "REDUCE_ORDER"],
        "PROCUREMENT": ["URGENT", "REORDER", "REDUCE_ORDER", "DEAD_STOCK"],
        "MARKETING": ["PROMOTE", "DEAD_STOCK"],
    }


@pytest.mark.parametrize(
    ("given_settings", "field"),
    [
        ({"safety_buffer_days": -1}, "safety_buffer_days"),
        ({"dead_stock_days": -1}, "dead_stock_days"),
        ({"default_lead_time_days": 3651}, "default_lead_time_days"),
        ({"review_period_days": 1.5}, "review_period_days"),
        ({"understocked_threshold": 0}, "understocked_threshold"),
        ({"service_level": 0}, "service_level"),
        ({"service_level": 1}, "service_level"),
        ({"service_level": "NaN"}, "service_level"),
        ({"suggestion_min_risk": 1.2}, "suggestion_min_risk"),
        ({"replenishment_policy": "guess"}, "replenishment_policy"),
        ({"notification_webhook": "ftp://example.org"}, "notification_webhook"),
        ({"over_receipt_tolerance": 2}, "over_receipt_tolerance"),
        ({"safety_buffer": 3}, "safety_buffer"),
        ({"recommendation_rules": {"enabled_types": ["PANIC"]}}, "recommendation_rules"),
        ({"recommendation_rules": {"role_rules": {"JANITOR": []}}}, "recommendation_rules"),
        ({"recommendation_rules": {"threshold_filters": {"urgent_min_risk": 1}}}, "recommendation_rules"),
    ],
)
def test_what_cannot_be_is_refused_by_name(given_settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**given_settings)
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


@given(st.integers(-5, 4000), st.integers(-5, 4000))
def test_overstocked_is_above_understocked_is_above_nothing(under: int, over: int) -> None:
    valid = 0 < under < over <= 3650
    try:
        settings = Settings(understocked_threshold=under, overstocked_threshold=over)
    except ValidationError:
        assert not valid
    else:
        assert valid
        assert (settings.understocked_threshold, settings.overstocked_threshold) == (under, over)


def test_settings_survive_their_document() -> None:
    settings = Settings(
        over_receipt_tolerance=Decimal("0.05"),
        notification_webhook="https://example.org/hook",
        recommendation_rules=RecommendationRules(enabled_types=()),
    )
    assert Settings.model_validate(settings.model_dump(mode="json")) == settings
