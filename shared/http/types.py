"""Types of money and of quantities: decimals, which are JSON numbers with a fixed scale.

The document says their unit and scale with every field that has one of these types.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

Money = Annotated[Decimal, Field(json_schema_extra={"x-unit": "the client's currency", "x-decimal-places": 2})]
UnitMoney = Annotated[
    Decimal, Field(json_schema_extra={"x-unit": "the client's currency, a unit", "x-decimal-places": 4})
]
Quantity = Annotated[Decimal, Field(json_schema_extra={"x-unit": "units", "x-decimal-places": 3})]
Percent = Annotated[Decimal, Field(json_schema_extra={"x-unit": "percent", "x-decimal-places": 2})]
