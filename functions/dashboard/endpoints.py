"""HTTP surface of the dashboard."""

from __future__ import annotations

from functions.dashboard import service
from functions.dashboard.schemas import Dashboard, DashboardQuery
from shared.catalog.schema import CATALOG_ERRORS
from shared.domain.access.principal import EVERY_ROLE
from shared.http.access import allow, errors
from shared.http.app import Api
from shared.http.from_catalog import from_catalog
from shared.request_context import RequestContext

app = Api("dashboard", "Dashboard", prefixes=("dashboard",))


@app.get("/dashboard", summary="Get the dashboard", responses={200: Dashboard})
@allow(EVERY_ROLE)
@from_catalog
@errors(*CATALOG_ERRORS)
def get_dashboard(context: RequestContext, query: DashboardQuery) -> Dashboard:
    """Return headline figures, the worst products and alerts, for the whole client or for one location."""
    return service.dashboard(context, query.location_id)
