"""Who asks for what, when, and for which client: the one value that travels from an endpoint through its service."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import cached_property

from shared.config import Config
from shared.domain.access.audit import Actor
from shared.domain.access.client import Client
from shared.domain.access.principal import Principal
from shared.domain.versions import ANY_VERSION, ExpectedVersion
from shared.firestore.clients import Clients
from shared.firestore.tenant import Tenant


@dataclass(frozen=True)
class RequestContext:
    """Made once a request, by shared/http/app.py.

    `now` is the time of the request, UTC. `expected_version` is what If-Match says. `request_id` is the same for every
    attempt of a request that is repeated with its Idempotency-Key, and None without one.
    """

    config: Config
    tenant: Tenant
    principal: Principal
    now: dt.datetime
    expected_version: ExpectedVersion = ANY_VERSION
    request_id: str | None = None

    @property
    def user_id(self) -> str:
        return self.principal.user_id

    @property
    def actor(self) -> Actor:
        """Who does it and when, for the audit log."""
        return Actor(self.principal.user_id, self.principal.role, self.now)

    @property
    def repeatable(self) -> bool:
        """Whether an earlier attempt may have made what this request asks for."""
        return self.request_id is not None

    def new_id(self) -> str:
        """The id for what the request creates: the same in every attempt of it."""
        return self.request_id or uuid.uuid4().hex

    @cached_property
    def client(self) -> Client:
        """The tenant's own record: name, zone, currency. One read, the first time."""
        return Clients(self.tenant.database).get(self.tenant.client_id)

    @property
    def today(self) -> dt.date:
        """The client's day at the time of the request: the first whose demand is not known yet. Reads `client`."""
        return self.client.today(self.now)
