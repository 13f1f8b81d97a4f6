"""What the inventory endpoints take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from shared.http.app import BodyModel


class RefreshBody(BodyModel):
    """How to refresh; an empty object for the usual way."""

    rebuild: Annotated[
        bool, Field(description="Read products, stock and conditions afresh instead of from the last snapshot.")
    ] = False


class TaskBody(BodyModel):
    """What Cloud Tasks posts."""

    client_id: str
    operation_id: str


class TaskResult(BaseModel):
    status: str
