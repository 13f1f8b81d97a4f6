"""HTTP surface of locations."""

from __future__ import annotations

from urllib.parse import quote

from functions.locations import service
from functions.locations.schemas import (
    LocationBody,
    LocationPage,
    LocationPath,
    LocationQuery,
    LocationView,
    NewLocation,
)
from shared.catalog.schema import CatalogMoving
from shared.domain.access.principal import BUYERS, EVERY_ROLE
from shared.domain.location import (
    Location,
    LocationExists,
    LocationHasItems,
    LocationHasOpenOrders,
    LocationHoldsStock,
    LocationIsSynced,
    LocationNotFound,
)
from shared.domain.versions import StaleVersion
from shared.firestore.versioned import Versioned
from shared.http.access import allow, errors, idempotent, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.paging import ItemsByToken, views_by_token
from shared.http.reply import Reply
from shared.request_context import RequestContext

app = Api("locations", "Locations", prefixes=("locations",))


@app.get("/locations", summary="List locations", responses={200: LocationPage})
@allow(EVERY_ROLE)
def list_locations(context: RequestContext, query: LocationQuery) -> ItemsByToken[LocationView]:
    """Return the client's warehouses and shops, ordered by location_id. A search reads all of them."""
    return views_by_token(query, service.locations(context, query.search, query.request()), LocationView.of)


@app.post("/locations", summary="Add a location", responses={201: LocationView})
@allow(BUYERS)
@idempotent
@errors(LocationExists)
@versioned
def create_location(context: RequestContext, body: NewLocation) -> Reply:
    """The location is maintained here: no sync changes it."""
    location = service.create(context, Location(**body.model_dump()))
    headers = {"Location": f"/api/v1/locations/{quote(body.location_id, safe='')}"} | etag(location.version)
    return Reply(LocationView.of(location), 201, headers)


@app.get("/locations/<item_id:location_id>", summary="Get a location", responses={200: LocationView})
@allow(EVERY_ROLE)
@errors(LocationNotFound)
@versioned
def get_location(context: RequestContext, path: LocationPath) -> Reply:
    """Return the location with its ETag."""
    return _answer(service.location(context, path.location_id))


@app.put("/locations/<item_id:location_id>", summary="Replace a location's fields", responses={200: LocationView})
@allow(BUYERS)
@errors(LocationNotFound, LocationIsSynced, StaleVersion)
@versioned
def put_location(context: RequestContext, path: LocationPath, body: LocationBody) -> Reply:
    """Synced locations cannot be changed here. Honours If-Match with the ETag of the location."""
    return _answer(service.replace(context, Location(path.location_id, **body.model_dump())))


@app.delete("/locations/<item_id:location_id>", summary="Delete a location", responses={204: None})
@allow(BUYERS)
@errors(
    LocationNotFound,
    LocationIsSynced,
    LocationHoldsStock,
    LocationHasItems,
    LocationHasOpenOrders,
    StaleVersion,
    CatalogMoving,
)
def delete_location(context: RequestContext, path: LocationPath) -> None:
    """Refused while a product is kept there, with or without stock, or open orders are to arrive. Honours If-Match."""
    service.delete(context, path.location_id)


def _answer(location: Versioned[Location]) -> Reply:
    return Reply(LocationView.of(location), headers=etag(location.version))
