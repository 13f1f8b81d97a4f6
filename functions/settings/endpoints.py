"""HTTP surface of settings."""

from __future__ import annotations

from typing import Any

from functions.settings import service
from shared.config import config
from shared.domain.access.principal import EDITORS_OF_SETTINGS, EVERY_ROLE
from shared.domain.settings import RecommendationRules, Settings
from shared.domain.versions import StaleVersion
from shared.http.access import actor, allow, errors, tenant
from shared.http.app import Api
from shared.http.etag import etag

app = Api("settings", "Settings", prefixes=("settings",))


@app.get("/settings", summary="Get the settings", responses={200: Settings})
@allow(EVERY_ROLE)
def get_settings() -> Any:
    """Return what planning uses; defaults until they are changed."""
    return _answer(*service.settings(tenant()))


@app.put("/settings", summary="Replace the settings", responses={200: Settings})
@allow(EDITORS_OF_SETTINGS)
@errors(StaleVersion)
def put_settings(body: Settings) -> Any:
    """Omitted settings take their defaults. All metrics are recomputed under the new settings."""
    return _answer(*service.replace_settings(config(), tenant(), body, actor()))


@app.get("/settings/recommendation-rules", summary="Get the recommendation rules", responses={200: RecommendationRules})
@allow(EVERY_ROLE)
def get_rules() -> Any:
    """Return which recommendations are made, for which roles, and from which thresholds on."""
    settings, version = service.settings(tenant())
    return settings.recommendation_rules.model_dump(mode="json"), 200, etag(version)


@app.put(
    "/settings/recommendation-rules", summary="Replace the recommendation rules", responses={200: RecommendationRules}
)
@allow(EDITORS_OF_SETTINGS)
@errors(StaleVersion)
def put_rules(body: RecommendationRules) -> Any:
    """The other settings stay as they are."""
    settings, version = service.replace_rules(config(), tenant(), body, actor())
    return settings.recommendation_rules.model_dump(mode="json"), 200, etag(version)


def _answer(settings: Settings, version: str) -> Any:
    # A decimal's JSON form is text for pydantic; ours is a number (api.md).
    shown = settings.model_dump(mode="json") | {"over_receipt_tolerance": settings.over_receipt_tolerance}
    return shown, 200, etag(version)
