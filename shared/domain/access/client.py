"""A client (tenant) and its calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.domain.errors import Forbidden, NotFound


class ClientNotFound(NotFound):
    """There is no such client, or it is not yours."""

    code = "client_not_found"

    def __init__(self, client_id: str) -> None:
        super().__init__(f"no client {client_id!r}")


class ClientSuspended(Forbidden):
    """The client is suspended: its users cannot sign in, and its keys open nothing."""

    code = "client_suspended"

    def __init__(self, client_id: str) -> None:
        super().__init__(f"the client {client_id!r} is suspended; ask who runs Stockcast for you")


@dataclass(frozen=True)
class Client:
    """A tenant. `business_date`, where set, is its "today" for good: demos and replays of data that ended long ago.

    Address and contact stand on its purchase orders: where the supplier sends the invoice, and whom he asks.
    """

    client_id: str
    name: str
    timezone: str = "UTC"
    currency: str = "EUR"
    status: str = "active"
    business_date: dt.date | None = None
    address: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None

    @property
    def active(self) -> bool:
        """Whether its users may sign in and its daily run is on."""
        return self.status == "active"

    def today(self, now: dt.datetime) -> dt.date:
        """The client's business date: the first day whose demand is not known yet."""
        return self.business_date or now.astimezone(ZoneInfo(self.timezone)).date()
