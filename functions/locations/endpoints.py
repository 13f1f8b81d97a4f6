"""HTTP surface of locations."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response

from functions.locations import service
from functions.locations.schemas import LocationBody, LocationPage, LocationPath, LocationView, NewLocation
from shared.catalog.schema import CatalogMoving
from shared.domain.access.principal import BUYERS, EVERY_ROLE
from shared.domain.location import (
    Location,
    LocationExists,
    LocationHasOpenOrders,
    LocationHoldsStock,
    LocationIsSynced,
    LocationNotFound,
)
from shared.domain.versions import StaleVersion
from shared.http.access import allow, errors, request_context, tenant
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.paging import TokenPage, by_token

app = Api("locations", "Locations", prefixes=("locations",))


@app.get("/locations", summary="List locations", responses={200: LocationPage})
@allow(EVERY_ROLE)
def list_locations(query: TokenPage) -> dict[str, Any]:
    """Return the client's warehouses and shops, ordered by location_id."""
    found, following = service.page(tenant(), query.page_size, query.position())
    return vars(by_token(query, [vars(location) for location in found], following))


@app.post("/locations", summary="Add a location", responses={201: LocationView})
@allow(BUYERS)
@errors(LocationExists, *IDEMPOTENCY_ERRORS)
def create_location(body: NewLocation) -> Response:
    """The location is maintained here: no sync changes it."""
    owner = tenant()
    wanted = Location(**body.model_dump())

    def act() -> Any:
        repeated = request_context().request_id is not None
        location, version = service.create(owner, wanted, may_exist=repeated)
        where = {"Location": f"/api/v1/locations/{quote(location.location_id, safe='')}"}
        return vars(location), 201, where | etag(version)

    return once(request_context(), body.model_dump_json(), act)


@app.get("/locations/<item_id:location_id>", summary="Get a location", responses={200: LocationView})
@allow(EVERY_ROLE)
@errors(LocationNotFound)
def get_location(path: LocationPath) -> Any:
    """Return the location with its ETag."""
    return _answer(*service.location(tenant(), path.location_id))


@app.put("/locations/<item_id:location_id>", summary="Replace a location's fields", responses={200: LocationView})
@allow(BUYERS)
@errors(LocationNotFound, LocationIsSynced, StaleVersion)
def put_location(path: LocationPath, body: LocationBody) -> Any:
    """Synced locations cannot be changed here. Honours If-Match with the ETag of the location."""
    return _answer(*service.replace(tenant(), Location(path.location_id, **body.model_dump())))


@app.delete("/locations/<item_id:location_id>", summary="Delete a location", responses={204: None})
@allow(BUYERS)
@errors(LocationNotFound, LocationIsSynced, LocationHoldsStock, LocationHasOpenOrders, StaleVersion, CatalogMoving)
def delete_location(path: LocationPath) -> Any:
    """Refused while it holds stock or open orders are to arrive there. Honours If-Match."""
    service.delete(tenant(), path.location_id)


def _answer(location: Location, version: str) -> Any:
    return vars(location), 200, etag(version)
