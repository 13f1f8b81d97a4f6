"""HTTP surface of settings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from functions.settings import service
from functions.settings.schemas import SavedSettings, SettingsView
from shared.domain.access.principal import EDITORS_OF_SETTINGS, EVERY_ROLE
from shared.domain.settings import (
    RecommendationRules,
    Settings,
    SettingsChange,
    ShortageBelowHolding,
    ThresholdsOutOfOrder,
    WebhookNotSigned,
)
from shared.domain.versions import StaleVersion
from shared.firestore.versioned import Versioned
from shared.http.access import allow, errors, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.operations import operation_view
from shared.http.reply import Reply
from shared.outbound.address import AddressNotAllowed
from shared.outbound.post import UnusableUrl
from shared.request_context import RequestContext

_REFUSED = (ThresholdsOutOfOrder, ShortageBelowHolding, WebhookNotSigned, AddressNotAllowed, UnusableUrl)

app = Api("settings", "Settings", prefixes=("settings",))


@app.get("/settings", summary="Get the settings", responses={200: SettingsView})
@allow(EVERY_ROLE)
@versioned
def get_settings(context: RequestContext) -> Reply:
    """Return what planning uses; defaults until they are changed."""
    settings = service.settings(context)
    return Reply(_shown(settings), headers=etag(settings.version))


@app.put("/settings", summary="Change settings", responses={200: SavedSettings})
@allow(EDITORS_OF_SETTINGS)
@errors(StaleVersion, fields=_REFUSED)
@versioned
def put_settings(context: RequestContext, body: SettingsChange) -> Reply:
    """Sets what is given and leaves the others as they are. Every list applies it from its next request on."""
    return _saved(service.change_settings(context, body))


@app.patch("/settings", summary="Change settings", responses={200: SavedSettings})
@allow(EDITORS_OF_SETTINGS)
@errors(StaleVersion, fields=_REFUSED)
@versioned
def patch_settings(context: RequestContext, body: SettingsChange) -> Reply:
    """The same as PUT."""
    return _saved(service.change_settings(context, body))


@app.get("/settings/recommendation-rules", summary="Get the recommendation rules", responses={200: RecommendationRules})
@allow(EVERY_ROLE)
@versioned
def get_recommendation_rules(context: RequestContext) -> Reply:
    """Return which recommendations are made, for which roles, and from which thresholds on."""
    return _rules(service.settings(context))


@app.put(
    "/settings/recommendation-rules", summary="Change the recommendation rules", responses={200: RecommendationRules}
)
@allow(EDITORS_OF_SETTINGS)
@errors(StaleVersion)
@versioned
def put_recommendation_rules(context: RequestContext, body: RecommendationRules) -> Reply:
    """Sets what is given and leaves the others as they are. Recommendations follow from the next request on."""
    return _rules(service.change_rules(context, body).settings)


def _saved(saved: service.Saved) -> Reply:
    operation = None if saved.refresh is None else operation_view(saved.refresh)
    return Reply(_shown(saved.settings) | {"operation": operation}, headers=etag(saved.settings.version))


def _shown(settings: Versioned[Settings]) -> dict[str, Any]:
    # A decimal's JSON form is text for pydantic; ours is a number (api.md).
    decimals = {name: value for name, value in settings.value if isinstance(value, Decimal)}
    return (
        settings.value.model_dump(mode="json")
        | decimals
        | {
            "created_at": settings.created_at,
            "updated_at": settings.updated_at,
        }
    )


def _rules(settings: Versioned[Settings]) -> Reply:
    return Reply(settings.value.recommendation_rules.model_dump(mode="json"), headers=etag(settings.version))
