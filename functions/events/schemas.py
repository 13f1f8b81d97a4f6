"""What the stream of events tells, each as it is documented."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from functions.events.service import LONGEST_S
from functions.events.subscription import Ending
from shared.domain.operation import OperationStatus
from shared.domain.purchasing.order_status import OrderStatus
from shared.http.app import QueryModel
from shared.http.operation_fields import ProgressView


class EventsQuery(QueryModel):
    max_seconds: Annotated[
        int | None,
        Field(
            ge=0,
            le=LONGEST_S,
            description="End the stream after so many seconds, 0: once it has told what was missed. For who is behind "
            "a proxy that passes an answer on when it has ended.",
        ),
    ] = None


class _Event(BaseModel):
    id: str = Field(description="Until when all is told: to be sent as `Last-Event-ID` after a break.")


class Nothing(BaseModel):
    """There is no more to say."""


class HelloData(BaseModel):
    """Where a stream begins."""

    catalog_version: str | None = Field(
        description="The version of what lists and dashboard show now; null: there is nothing to show yet."
    )


class Hello(_Event):
    """The first event of each stream."""

    event: Literal["hello"]
    data: HelloData


class OperationData(BaseModel):
    """How far an operation is."""

    id: str = Field(description="The operation's id.")
    kind: str = Field(description="What is done, as `kind` of /operations says it.")
    status: OperationStatus = Field(description="pending, running, or how it ended.")
    step: str | None = Field(description="What it is doing now; null while it does nothing.")
    progress: ProgressView | None = Field(description="How far the step is; null before it says so.")


class OperationEvent(_Event):
    """An operation was started, has got further or has ended."""

    event: Literal["operation"]
    data: OperationData


class CatalogData(BaseModel):
    """What lists and dashboard show."""

    version: str = Field(description="Another one whenever they may show something else.")


class CatalogEvent(_Event):
    """Lists and dashboard have changed."""

    event: Literal["catalog"]
    data: CatalogData


class OrderData(BaseModel):
    """Where an order stands."""

    id: str = Field(description="The order's id.")
    po_number: str
    status: OrderStatus = Field(description="Where the order stands.")


class OrderEvent(_Event):
    """An order was placed, changed or received."""

    event: Literal["order"]
    data: OrderData


class CartEvent(_Event):
    """The caller's own cart has changed: in another tab, say."""

    event: Literal["cart"]
    data: Nothing


class SettingsEvent(_Event):
    """The client's settings have changed."""

    event: Literal["settings"]
    data: Nothing


class ResyncEvent(_Event):
    """Too much was missed to be told: read everything anew."""

    event: Literal["resync"]
    data: Nothing


class ByeData(BaseModel):
    """Why a stream ends."""

    reason: Ending = Field(
        description="token_expires: come back with another token. session_ended: sign in again. limit: come back."
    )


class Bye(_Event):
    """The last event of a stream that ends by itself."""

    event: Literal["bye"]
    data: ByeData


class StreamedEvent(
    RootModel[
        Annotated[
            Hello | OperationEvent | CatalogEvent | OrderEvent | CartEvent | SettingsEvent | ResyncEvent | Bye,
            Field(discriminator="event"),
        ]
    ]
):
    """An event: the lines `id`, `event` and `data`, the last one as JSON."""
