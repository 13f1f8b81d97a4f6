"""Types of the ids that a request names: of a length that one can have, whatever it is of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.domain.purchasing.supplier import MAX_SUPPLIER_ID_LENGTH

ItemId = Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH)]
SupplierId = Annotated[str, Field(min_length=1, max_length=MAX_SUPPLIER_ID_LENGTH)]
LocationId = Annotated[str, Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH)]
