"""What the locations endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from shared.domain.location import ALL_LOCATIONS, MAX_LOCATION_ID_LENGTH, Location, LocationType
from shared.firestore.versioned import Versioned
from shared.http.app import BodyModel
from shared.http.paging import TokenEnvelope, TokenPage
from shared.http.texts import Identifier, Label, Line, Lines


def _one_location(location_id: str) -> str:
    if location_id == ALL_LOCATIONS:
        raise ValueError(f"{ALL_LOCATIONS!r} stands for all locations together: choose another id")
    return location_id


class LocationQuery(TokenPage):
    search: Annotated[
        str | None,
        Field(max_length=200, description="Each word must begin a word of the id, the name, the city or the country."),
    ] = None


class LocationPath(BaseModel):
    location_id: Annotated[
        str, Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH, description="The location's id.")
    ]


class LocationBody(BodyModel):
    """All fields of a location except its id; omitted fields take their defaults."""

    name: Annotated[Label, Field(description="What people call it; several may have one name.")]
    type: Annotated[LocationType, Field(description="What kind of place it is.")] = LocationType.WAREHOUSE
    address: Annotated[Lines | None, Field(description="Street and number, in one or several lines.")] = None
    city: Annotated[Line | None, Field(description="The city or town.")] = None
    country: Annotated[Line | None, Field(description="The country, by its name or code.")] = None
    is_default: Annotated[
        bool, Field(description="Orders without a location go here. The current default stops being the default.")
    ] = False


class NewLocation(LocationBody):
    location_id: Annotated[
        Identifier,
        AfterValidator(_one_location),
        Field(description="The id by which stock, sales and orders name it; it stays. Not `*`."),
    ]


class LocationView(BaseModel):
    location_id: Annotated[str, Field(description="The id by which stock, sales and orders name it.")]
    name: Annotated[str, Field(description="What people call it.")]
    type: Annotated[
        LocationType | None, Field(description="What kind of place it is; null: not stated by the client's own system.")
    ]
    address: Annotated[str | None, Field(description="Street and number; null: not stated.")]
    city: Annotated[str | None, Field(description="The city or town; null: not stated.")]
    country: Annotated[str | None, Field(description="The country; null: not stated.")]
    is_default: Annotated[bool, Field(description="Whether orders without a location go here.")]
    is_synced: Annotated[bool, Field(description="Maintained by the client's own system; not changed here.")]
    created_at: Annotated[dt.datetime, Field(description="When it was added here, UTC.")]
    updated_at: Annotated[dt.datetime, Field(description="When it was last changed here, UTC.")]

    @classmethod
    def of(cls, location: Versioned[Location]) -> LocationView:
        return cls.model_validate(vars(location.value) | location.moments())


class LocationPage(TokenEnvelope):
    items: Annotated[list[LocationView], Field(description="The locations of the page, by location_id.")]
