"""HTTP surface of recommendations."""

from __future__ import annotations

from typing import Any

from functions.recommendations import service
from functions.recommendations.schemas import (
    DismissalView,
    DismissBody,
    RecommendationPage,
    RecommendationPath,
    RecommendationQuery,
)
from shared.catalog.schema import CATALOG_ERRORS
from shared.domain.access.principal import DISMISSERS, EVERY_ROLE, Role
from shared.domain.planning.dismissal import Dismissal, NotDismissed, UntilInThePast
from shared.domain.planning.recommendation import RecommendationKey, RecommendationNotFound, RecommendationNotYours
from shared.domain.purchasing.product import ProductNotFound
from shared.http.access import allow, errors, now, principal, tenant
from shared.http.app import Api
from shared.http.paging import numbered

app = Api("recommendations", "Recommendations", prefixes=("recommendations",))


@app.get("/recommendations", summary="List what to act on", responses={200: RecommendationPage})
@allow(EVERY_ROLE)
@errors(*CATALOG_ERRORS)
def list_recommendations(query: RecommendationQuery) -> dict[str, Any]:
    """Ordered by type, the most pressing first, then by the money at stake. Each recommendation says why, in figures,
    and what to do.
    """
    wanted = service.Wanted(
        role=query.role or principal().role,
        types=tuple(query.type or ()),
        location_id=query.location_id,
        include_dismissed=query.include_dismissed,
    )
    found = service.list_recommendations(tenant(), wanted, query.offset, query.page_size)
    return vars(numbered(query, found.total, found.items)) | {"counts": found.counts, "as_of": found.as_of}


@app.post(
    "/recommendations/<string:recommendation_id>/dismiss",
    summary="Dismiss a recommendation",
    responses={200: DismissalView},
)
@allow(DISMISSERS)
@errors(RecommendationNotFound, RecommendationNotYours, ProductNotFound, *CATALOG_ERRORS, fields=(UntilInThePast,))
def dismiss(path: RecommendationPath, body: DismissBody) -> dict[str, Any]:
    """Hide it from everybody, for good or until the end of a day. Dismissing it again changes the day."""
    key = RecommendationKey.parse(path.recommendation_id)
    dismissal = Dismissal(key.id, principal().user_id, now(), body.until, body.reason)
    service.dismiss(tenant(), key, dismissal, _role())
    return {
        "id": key.id,
        "type": key.type,
        "item_id": key.item_id,
        "location_id": key.location_id,
        "dismissed": {"by": dismissal.dismissed_by, "at": dismissal.dismissed_at, "until": dismissal.until},
        "reason": dismissal.reason,
    }


@app.delete("/recommendations/<string:recommendation_id>/dismiss", summary="Undo a dismissal", responses={204: None})
@allow(DISMISSERS)
@errors(RecommendationNotFound, RecommendationNotYours, NotDismissed, ProductNotFound)
def restore(path: RecommendationPath) -> None:
    """Show the recommendation again, as long as its reason still holds."""
    service.restore(tenant(), RecommendationKey.parse(path.recommendation_id), _role())


def _role() -> Role | None:
    """The role whose types may be dismissed; None for the platform's own callers, who may dismiss every type."""
    return None if principal().platform else principal().role
