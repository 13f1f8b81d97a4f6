"""Settings: the defaults of the rules, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.notification import NotificationEvent
from shared.domain.settings import NotificationTargets, RecommendationRules, Settings


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
        "level_allocation": "by_cost",
        "holding_cost_rate": 0.2,
        "shortage_cost_rate": None,
        "holding_cost": None,
        "shortage_cost": None,
        "service_level_by_class": {},
        "suggestion_min_risk": 0.3,
        "replenishment_policy": "service_level",
        "receive_updates_stock": True,
        "over_receipt_tolerance": "0",
        "forecast_engine": None,
        "notifications": {"webhook_url": None, "secret": None, "events": list(NotificationEvent)},
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
        ({"notifications": {"webhook_url": "ftp://example.org"}}, "notifications"),
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
        notifications=NotificationTargets.model_validate({"webhook_url": "https://example.org/hook", "secret": "hook"}),
        recommendation_rules=RecommendationRules(enabled_types=()),
    )
    assert Settings.model_validate(settings.model_dump(mode="json")) == settings


# Hosts and paths whose encoded form is up to six times as long.
_WEBHOOKS = st.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}/{path}?{query}",
    st.sampled_from(["http", "https", "HTTPS"]),
    st.one_of(st.just("a.example"), st.text("aäßı茶é-.", min_size=1, max_size=80)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=2100),
    st.one_of(st.just(""), st.integers(0, 700).map(lambda length: "茶" * length)),
)
_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "safety_buffer_days": st.integers(0, 3650),
        "service_level": st.floats(0, 1),
        "over_receipt_tolerance": st.decimals(0, 1),
        "notifications": st.fixed_dictionaries({"webhook_url": _WEBHOOKS}),
        "recommendation_rules": st.fixed_dictionaries(
            {"enabled_types": st.lists(st.sampled_from(["URGENT", "PROMOTE"]), max_size=8)}
        ),
    },
)


@given(_SETTINGS)
@example({"notifications": {"webhook_url": "https://a.example/" + "é" * 420}})
@example({"notifications": {"webhook_url": "https://a.example/" + "x" * 1982}})
@example({"notifications": {"webhook_url": "http://a.example/?" + "茶" * 221}})
def test_what_is_accepted_is_stored_and_read_back(given_settings: dict[str, Any]) -> None:
    try:
        settings = Settings.model_validate(given_settings)
    except ValidationError:
        return
    assert Settings.model_validate(settings.model_dump(mode="json")) == settings


def test_a_webhook_is_measured_as_it_is_stored() -> None:
    with pytest.raises(ValidationError, match="encoded it has 2,538 characters; allowed are 2,000"):
        Settings.model_validate({"notifications": {"webhook_url": "https://a.example/" + "é" * 420}})
