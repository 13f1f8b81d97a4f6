"""HTTP surface of settings."""

from __future__ import annotations

from functions.settings import service
from shared.domain.access.principal import EDITORS_OF_SETTINGS, EVERY_ROLE
from shared.domain.settings import RecommendationRules, Settings
from shared.domain.versions import StaleVersion
from shared.firestore.versioned import Versioned
from shared.http.access import allow, errors, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.reply import Reply
from shared.request_context import RequestContext

app = Api("settings", "Settings", prefixes=("settings",))


@app.get("/settings", summary="Get the settings", responses={200: Settings})
@allow(EVERY_ROLE)
@versioned
def get_settings(context: RequestContext) -> Reply:
    """Return what planning uses; defaults until they are changed."""
    return _answer(service.settings(context))


@app.put("/settings", summary="Replace the settings", responses={200: Settings})
@allow(EDITORS_OF_SETTINGS)
@errors(StaleVersion)
@versioned
def put_settings(context: RequestContext, body: Settings) -> Reply:
    """Omitted settings take their defaults. All metrics are recomputed under the new settings."""
    return _answer(service.replace_settings(context, body))


@app.get("/settings/recommendation-rules", summary="Get the recommendation rules", responses={200: RecommendationRules})
@allow(EVERY_ROLE)
@versioned
def get_recommendation_rules(context: RequestContext) -> Reply:
    """Return which recommendations are made, for which roles, and from which thresholds on."""
    return _rules(service.settings(context))


@app.put(
    "/settings/recommendation-rules", summary="Replace the recommendation rules", responses={200: RecommendationRules}
)
@allow(EDITORS_OF_SETTINGS)
@errors(StaleVersion)
@versioned
def put_recommendation_rules(context: RequestContext, body: RecommendationRules) -> Reply:
    """The other settings stay as they are."""
    return _rules(service.replace_rules(context, body))


def _answer(settings: Versioned[Settings]) -> Reply:
    # A decimal's JSON form is text for pydantic; ours is a number (api.md).
    tolerance = settings.value.over_receipt_tolerance
    body = settings.value.model_dump(mode="json") | {"over_receipt_tolerance": tolerance}
    return Reply(body, headers=etag(settings.version))


def _rules(settings: Versioned[Settings]) -> Reply:
    return Reply(settings.value.recommendation_rules.model_dump(mode="json"), headers=etag(settings.version))
