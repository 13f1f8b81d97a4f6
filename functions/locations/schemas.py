"""What the locations endpoints take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from shared.domain.location import ALL_LOCATIONS, MAX_LOCATION_ID_LENGTH, LocationType
from shared.http.app import BodyModel
from shared.http.paging import TokenEnvelope
from shared.http.texts import Label, Lines


def _one_location(location_id: str) -> str:
    if location_id == ALL_LOCATIONS:
        raise ValueError(f"{ALL_LOCATIONS!r} stands for all locations together: choose another id")
    return location_id


class LocationPath(BaseModel):
    location_id: Annotated[str, Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH)]


class LocationBody(BodyModel):
    """All fields of a location except its id; omitted fields take their defaults."""

    name: Label
    type: LocationType = LocationType.WAREHOUSE
    address: Lines | None = None
    is_default: Annotated[
        bool, Field(description="Orders without a location go here. The current default stops being the default.")
    ] = False


class NewLocation(LocationBody):
    location_id: Annotated[Label, AfterValidator(_one_location)]


class LocationView(BaseModel, from_attributes=True):
    location_id: str
    name: str
    type: LocationType | None = Field(description="null: not stated by the client's own system")
    address: str | None
    is_default: bool
    is_synced: bool = Field(description="Maintained by the client's own system; not changed here.")


class LocationPage(TokenEnvelope):
    items: list[LocationView]
