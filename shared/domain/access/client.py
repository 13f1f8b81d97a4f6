"""A client (tenant) and its calendar."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from shared.domain.access.principal import PLATFORM_HOME
from shared.domain.errors import Conflict, Forbidden, NotFound

CLOSING = "closing"
GRACE_DAYS = 30
_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_IN_USE = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP
    CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR
    IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG
    SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV
    WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"""
CURRENCIES = frozenset(_IN_USE.split())  # ISO 4217


class ClientNotFound(NotFound):
    """There is no such client, or it is not yours."""

    code = "client_not_found"

    def __init__(self, client_id: str) -> None:
        hint = ": name the one that you mean with client_id" if client_id == PLATFORM_HOME else ""
        super().__init__(f"no client {client_id!r}{hint}")


class ClientExists(Conflict):
    """There is a client of this id already."""

    code = "client_exists"

    def __init__(self, client_id: str) -> None:
        super().__init__(f"there is a client {client_id!r} already; choose another id")


class PlatformRequired(Forbidden):
    """Only an administrator of the platform may do this."""

    code = "platform_required"


class ClientSuspended(Forbidden):
    """The client is suspended: its users cannot sign in, and its tokens and keys open nothing."""

    code = "client_suspended"

    def __init__(self, client_id: str) -> None:
        super().__init__(f"the client {client_id!r} is suspended; ask who runs Stockcast for you")


class DeletionBegun(Conflict):
    """The client's data are being deleted: that cannot be undone any more."""

    code = "deletion_begun"

    def __init__(self, client_id: str) -> None:
        super().__init__(f"the data of client {client_id!r} are being deleted; there is no way back")


def is_client_id(text: str) -> bool:
    """Whether a client may have this id; it stands in paths, keys and names of files."""
    return _CLIENT_ID.fullmatch(text) is not None


def is_time_zone(text: str) -> bool:
    """Whether it is the name of a zone in the IANA's database, written as there."""
    return text in available_timezones()


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
    locale: str | None = None
    # Of one that is `closing`: by whom and when that was asked for, and from when on everything of it is deleted.
    closed_by: str | None = None
    closed_at: dt.datetime | None = None
    deletes_at: dt.datetime | None = None

    @property
    def active(self) -> bool:
        """Whether its users are let in and its daily run is on."""
        return self.status == "active"

    def closing(self, by: str, now: dt.datetime, grace_days: int) -> Client:
        """Suspended at once, to be deleted after so many days; one that is closing keeps its date."""
        if self.status == CLOSING:
            return self
        return replace(
            self, status=CLOSING, closed_by=by, closed_at=now, deletes_at=now + dt.timedelta(days=grace_days)
        )

    def with_changes(self, changes: Mapping[str, Any]) -> Client:
        """With other fields; another status than `closing` takes the deletion back."""
        changed = replace(self, **changes)
        if changed.status != CLOSING:
            changed = replace(changed, closed_by=None, closed_at=None, deletes_at=None)
        return changed

    def is_due(self, now: dt.datetime) -> bool:
        """Whether everything of it is to be deleted now."""
        return self.status == CLOSING and self.deletes_at is not None and self.deletes_at <= now

    def today(self, now: dt.datetime) -> dt.date:
        """The client's business date: the first day whose demand is not known yet."""
        return self.business_date or now.astimezone(ZoneInfo(self.timezone)).date()
