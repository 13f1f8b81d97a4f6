"""HTTP surface of recommendations."""

from __future__ import annotations

from functions.recommendations import service
from functions.recommendations.schemas import (
    DismissalView,
    DismissBody,
    RecommendationItems,
    RecommendationPage,
    RecommendationPath,
    RecommendationQuery,
)
from shared.catalog.schema import CATALOG_ERRORS
from shared.domain.access.principal import DISMISSERS, EVERY_ROLE
from shared.domain.planning.dismissal import NotDismissed, UntilInThePast
from shared.domain.planning.recommendation import RecommendationKey, RecommendationNotFound, RecommendationNotYours
from shared.domain.purchasing.product import ProductNotFound
from shared.http.access import allow, errors
from shared.http.app import Api
from shared.http.from_catalog import from_catalog
from shared.request_context import RequestContext

app = Api("recommendations", "Recommendations", prefixes=("recommendations",))


@app.get("/recommendations", summary="List what to act on", responses={200: RecommendationPage})
@allow(EVERY_ROLE)
@from_catalog
@errors(*CATALOG_ERRORS)
def list_recommendations(context: RequestContext, query: RecommendationQuery) -> RecommendationItems:
    """Ordered by type, the most pressing first, then by the money at stake. Each recommendation says why, in figures,
    and what to do.
    """
    narrowed = service.RecommendationFilter(
        role=query.role or context.principal.role,
        types=tuple(query.type or ()),
        location_id=query.location_id,
        include_dismissed=query.include_dismissed,
    )
    page = service.list_recommendations(context, narrowed, query.offset, query.page_size)
    return RecommendationItems(page.items, query.page, query.page_size, page.total, page.counts, page.as_of)


@app.post(
    "/recommendations/<string:recommendation_id>/dismiss",
    summary="Dismiss a recommendation",
    responses={200: DismissalView},
)
@allow(DISMISSERS)
@errors(RecommendationNotFound, RecommendationNotYours, ProductNotFound, *CATALOG_ERRORS, fields=(UntilInThePast,))
def dismiss_recommendation(context: RequestContext, path: RecommendationPath, body: DismissBody) -> DismissalView:
    """Hide it from everybody, for good or until the end of a day. Dismissing it again changes the day."""
    key = RecommendationKey.parse(path.recommendation_id)
    dismissal = service.dismiss(context, key, body.until, body.reason)
    return DismissalView(
        id=key.id,
        type=key.type,
        item_id=key.item_id,
        location_id=key.location_id,
        dismissed={
            "recommendation_id": dismissal.recommendation_id,
            "by": dismissal.dismissed_by,
            "at": dismissal.dismissed_at,
            "until": dismissal.until,
        },
        reason=dismissal.reason,
    )


@app.delete("/recommendations/<string:recommendation_id>/dismiss", summary="Undo a dismissal", responses={204: None})
@allow(DISMISSERS)
@errors(RecommendationNotFound, RecommendationNotYours, NotDismissed, *CATALOG_ERRORS)
def restore_recommendation(context: RequestContext, path: RecommendationPath) -> None:
    """Show the recommendation again, as long as its reason still holds."""
    service.restore(context, RecommendationKey.parse(path.recommendation_id))
