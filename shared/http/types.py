"""Types of response fields: decimals are JSON numbers with a fixed scale."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import WithJsonSchema

Money = Annotated[Decimal, WithJsonSchema({"type": "number", "multipleOf": 0.01, "examples": [12.5]})]
Quantity = Annotated[Decimal, WithJsonSchema({"type": "number", "multipleOf": 0.001, "examples": [24]})]
