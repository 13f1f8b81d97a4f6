"""A document of the next version is read by this one, and a mistaken one by neither."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.domain.imports.saved_mapping import SavedMapping
from shared.domain.outbox_entry import OutboxEntry
from shared.domain.settings import Settings
from shared.firestore.codec import held
from shared.firestore.stored_models import stored_json, stored_model

LATER = {
    "safety_buffer_days": 9,
    "later": {"a": 1},
    "notifications": {"events": ["run.failed"], "later": True},
    "recommendation_rules": {"threshold_filters": {"urgent_min_risk": 0.5, "later": [1]}},
}


def test_what_this_version_does_not_know_is_left_out() -> None:
    settings = stored_model(Settings, LATER)
    assert settings.safety_buffer_days == 9
    assert [str(event) for event in settings.notifications.events] == ["run.failed"]
    assert settings.recommendation_rules.threshold_filters.urgent_min_risk == 0.5


def test_of_a_text_too() -> None:
    text = '{"mapping": {"item_id": "sku", "units_sold": {"column": "qty", "later": 1}}, "later": 1}'
    mapping = stored_json(SavedMapping.model_validate_json, text)
    assert mapping == SavedMapping.model_validate({"mapping": {"item_id": "sku", "units_sold": {"column": "qty"}}})


def test_a_value_that_is_wrong_is_still_refused() -> None:
    with pytest.raises(ValidationError):
        stored_model(Settings, {"safety_buffer_days": "many", "later": 1})


def test_fields_of_a_dataclass() -> None:
    assert held({"id": "1", "later": 2}, OutboxEntry) == {"id": "1"}
