"""What a client's own system says of its locations, and what becomes of one that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from shared.domain.imports.record_checks import Check, field_checks, formula_check, length_check, quoted
from shared.domain.imports.record_fields import Field, raw_name
from shared.domain.location import ALL_LOCATIONS, MAX_LOCATION_ID_LENGTH, Location, LocationType

_MAX_LINE_LENGTH = 200  # as in requests
_ID = Field(
    "location_id", required=True, identifier=True, example="SHOP", meaning="Its id: what stock and sales call it."
)
_TYPE = Field("type", example="store", meaning="warehouse or store.")
_LINES = (
    Field("name", example="Shop in the High Street", meaning="Its name."),
    Field("city", example="London", meaning="The town."),
    Field("country", example="United Kingdom", meaning="The country."),
)

LOCATION_FIELDS = (
    _ID,
    _LINES[0],
    _TYPE,
    Field("address", example="1 High Street", meaning="Street and number."),
    *_LINES[1:],
)
_DETAILS = tuple(field.name for field in LOCATION_FIELDS if field is not _ID)


def location_checks() -> list[Check]:
    """What every record has to pass: what a request could set."""
    everywhere = pl.lit(f"location_id '{ALL_LOCATIONS}' stands for all locations together: choose another id")
    types = [kind.value for kind in LocationType]
    no_type = pl.format(f"type '{{}}' is unknown; allowed: {', '.join(types)}", quoted(_TYPE))
    return [
        *field_checks(LOCATION_FIELDS),
        length_check(_ID, MAX_LOCATION_ID_LENGTH),
        *(length_check(field, _MAX_LINE_LENGTH) for field in _LINES),
        formula_check(_ID),
        Check("format", "location_id", pl.col("location_id") == ALL_LOCATIONS, everywhere),
        Check("format", "type", ~pl.col(raw_name(_TYPE)).str.to_lowercase().is_in(types), no_type),
    ]


def app_managed_location_check(location_ids: pl.Series) -> Check:
    """A record of a location that the client keeps here; these are those."""
    message = pl.format("location '{}' is maintained here: change it here, or delete it first", pl.col("location_id"))
    return Check("app_managed", "location_id", pl.col("location_id").is_in(location_ids.implode()), message)


def synced_location(stored: Location | None, record: Mapping[str, Any]) -> Location:
    """The location after an import of this record. What the record leaves blank stays; a new location without a name
    is called by its id. Which location is the default is decided here alone."""
    location_id = record["location_id"]
    before = stored or Location(location_id, name=location_id)
    values = {name: getattr(before, name) if record[name] is None else record[name] for name in _DETAILS}
    if isinstance(kind := values["type"], str):
        values["type"] = LocationType(kind.lower())
    return Location(location_id, **values, is_default=before.is_default, is_synced=True)
