"""What the auth and clients endpoints take and give."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, SecretStr, StringConstraints

from shared.domain.access.abilities import Ability
from shared.domain.access.client import CURRENCIES, GRACE_DAYS, is_client_id, is_time_zone
from shared.domain.access.email_address import MAX_ADDRESS_LENGTH, normal_address
from shared.domain.access.password import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from shared.domain.access.principal import PLATFORM_HOME, Role
from shared.domain.access.service_token import ROLES_OF_KEYS
from shared.domain.plain_text import is_printable
from shared.domain.purchasing.supplier import is_email
from shared.http.app import BodyModel
from shared.http.paging import PageEnvelope, TokenEnvelope
from shared.http.texts import Label, Line, Lines

_FIRST_YEAR, _LAST_YEAR = 1990, 2199  # of a business date
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_LOCALE = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"


def email_address(text: str) -> str:
    """In its normal form, which a check must see: a full-width `＠` becomes an `@`."""
    address = normal_address(text)
    if not _ADDRESS.fullmatch(address) or not is_printable(address) or len(address) > MAX_ADDRESS_LENGTH:
        raise ValueError(f"it is no email address of at most {MAX_ADDRESS_LENGTH} characters, such as ann@example.com")
    return address


def _business_date(day: dt.date) -> dt.date:
    """A rule in words: JSON Schema has no bounds of dates."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"it is of the year {day.year}; allowed: {_FIRST_YEAR} to {_LAST_YEAR}")
    return day


def _contact_address(text: str) -> str:
    """As it was written: nobody is found by it."""
    if not is_email(text):
        raise ValueError("it is no email address, such as orders@example.com")
    return text


def _client_id(text: str) -> str:
    if not is_client_id(text):
        raise ValueError("letters, digits, - and _ are allowed, 64 at most, a letter or digit first")
    if text == PLATFORM_HOME:
        raise ValueError(f"{PLATFORM_HOME!r} stands for those who run Stockcast: choose another id")
    return text


def _time_zone(text: str) -> str:
    if not is_time_zone(text):
        raise ValueError("it is no zone of the IANA's database, such as Europe/London")
    return text


def _currency(text: str) -> str:
    if text not in CURRENCIES:
        raise ValueError("it is no currency of ISO 4217, such as EUR")
    return text


def _role_of_a_key(role: Role) -> Role:
    if role not in ROLES_OF_KEYS:
        raise ValueError(f"a machine's key may not have this role; allowed: {', '.join(ROLES_OF_KEYS)}")
    return role


def omitted() -> Any:
    """The default of a field of a PUT: what is left out stays as it is. null would be a value, where it is allowed."""
    return Field(default_factory=lambda: None)


Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=MAX_ADDRESS_LENGTH),
    AfterValidator(email_address),
    Field(description="Kept in lower case and one Unicode form; an address belongs to one user of all clients."),
]
Password = Annotated[
    SecretStr,
    Field(
        min_length=MIN_PASSWORD_LENGTH,
        max_length=MAX_PASSWORD_LENGTH,
        description="12 to 1,000 characters, of any kind. None that is tried first (common words, runs of keys, dates, "
        "repetitions), and not the user's own address.",
    ),
]
UserStatus = Literal["active", "inactive"]
ClientStatus = Literal["active", "suspended"]
ShownStatus = Literal["active", "suspended", "closing"]
PersonName = Annotated[Label, Field(description="How the user is called.")]
Locale = Annotated[
    str,
    Field(pattern=_LOCALE, max_length=20, description="A BCP 47 tag such as en-GB: how numbers and dates are written."),
]
OneTimeTokenText = Annotated[
    str, Field(min_length=1, max_length=1000, description="As an administrator handed it over; it works once.")
]
TimeZone = Annotated[
    str,
    StringConstraints(max_length=64),
    AfterValidator(_time_zone),
    Field(description="A zone of the IANA's database: when the client's day begins.", examples=["Europe/London"]),
]
Currency = Annotated[
    str,
    StringConstraints(max_length=3),
    AfterValidator(_currency),
    Field(description="ISO 4217: of all its money.", examples=["GBP"]),
]
ClientName = Annotated[Label, Field(description="As it stands on purchase orders.")]
BusinessDate = Annotated[
    dt.date,
    AfterValidator(_business_date),
    Field(
        description="The client's today for good, for data that ended long ago: the day after the last one that is "
        "known, of the years 1990 to 2199. null: today by the calendar.",
    ),
]
Address = Annotated[Lines, Field(description="Stands on purchase orders; lines as on an envelope.")]
ContactName = Annotated[Line, Field(description="Whom a supplier asks.")]
ContactPhone = Annotated[Line, Field(description="Stands on purchase orders.")]
ContactEmail = Annotated[Line, AfterValidator(_contact_address), Field(description="Stands on purchase orders.")]


class PasswordBody(BodyModel):
    email: Annotated[
        str, Field(min_length=3, max_length=MAX_ADDRESS_LENGTH, description="In any case and Unicode form.")
    ]
    password: Annotated[str, Field(min_length=1, max_length=1000, description="The user's password.")]


class RefreshTokenBody(BodyModel):
    refresh_token: Annotated[str, Field(min_length=1, max_length=1000, description="The latest one of the session.")]


class TokenPair(BaseModel):
    """A short-lived access token, and the refresh token for the next pair. A refresh token works once."""

    access_token: str = Field(description="A JWT for `Authorization: Bearer`.")
    refresh_token: str = Field(description="For POST /auth/refresh; 30 days.")
    token_type: Annotated[Literal["Bearer"], Field(description="The scheme.")] = "Bearer"  # noqa: S105
    expires_in: Annotated[int, Field(description="Seconds until the access token expires.")]


class NewPasswordBody(BodyModel):
    token: OneTimeTokenText
    new_password: Password


class OwnPasswordBody(BodyModel):
    current_password: Annotated[str, Field(min_length=1, max_length=1000, description="The one to be replaced.")]
    new_password: Password


class OneTimeTokenView(BaseModel):
    """Hand it over to the user, who chooses a password with it at POST /auth/password-reset. It is shown this once."""

    token: str = Field(description="Works once.")
    expires_at: dt.datetime = Field(description="It works until then.")


class NewUserBody(BodyModel):
    email: Email
    role: Annotated[Role, Field(description="What the user may do.")]
    password: Annotated[
        Password | None, Field(description="null or omitted: the user is invited and chooses a password.")
    ] = None
    name: PersonName | None = None
    locale: Locale | None = None


class UserBody(BodyModel):
    """What is omitted stays as it is; null is refused where a user has to have a value."""

    role: Annotated[Role, Field(description="What the user may do. Another one ends the user's sessions.")] = omitted()
    status: Annotated[UserStatus, Field(description="inactive ends the user's sessions.")] = omitted()
    password: Password = omitted()
    name: PersonName | None = omitted()
    locale: Locale | None = omitted()


class OwnBody(BodyModel):
    """What is omitted stays as it is."""

    name: PersonName | None = omitted()
    locale: Locale | None = omitted()


class UserView(BaseModel):
    user_id: str = Field(description="Made by us.")
    email: str = Field(description="In lower case.")
    name: str | None = Field(description="How the user is called.")
    locale: str | None = Field(description="A BCP 47 tag such as en-GB.")
    role: Role = Field(description="What the user may do.")
    status: Literal["invited", "active", "inactive"] = Field(description="invited: has not chosen a password yet.")
    created_at: dt.datetime | None = Field(description="UTC.")
    updated_at: dt.datetime | None = Field(description="UTC.")


class NewUserView(UserView):
    invitation: OneTimeTokenView | None = Field(description="null for a user who was given a password.")


class UserPage(TokenEnvelope):
    items: list[UserView]


class UserPath(BaseModel):
    user_id: Annotated[str, Field(min_length=1, max_length=200, description="The user's id.")]


class ClientFields(BodyModel):
    business_date: BusinessDate | None = None
    locale: Locale | None = None
    address: Address | None = None
    contact_name: ContactName | None = None
    contact_email: ContactEmail | None = None
    contact_phone: ContactPhone | None = None


class NewClientBody(ClientFields):
    client_id: Annotated[
        str,
        StringConstraints(min_length=1, max_length=64),
        AfterValidator(_client_id),
        Field(description="Letters, digits, - and _; it cannot be changed."),
    ]
    name: ClientName
    timezone: TimeZone = "UTC"
    currency: Currency = "EUR"
    status: Annotated[ClientStatus, Field(description="Nobody of a suspended client is let in.")] = "active"


class ClientBody(BodyModel):
    """What is omitted stays as it is; null is refused where a client has to have a value."""

    name: ClientName = omitted()
    timezone: TimeZone = omitted()
    currency: Currency = omitted()
    status: Annotated[ClientStatus, Field(description="Only the platform may change it; it takes a deletion back.")] = (
        omitted()
    )
    business_date: BusinessDate | None = omitted()
    locale: Locale | None = omitted()
    address: Address | None = omitted()
    contact_name: ContactName | None = omitted()
    contact_email: ContactEmail | None = omitted()
    contact_phone: ContactPhone | None = omitted()


class ClientView(BaseModel):
    client_id: str = Field(description="What `client_id` names.")
    name: str = Field(description="As it stands on purchase orders.")
    timezone: str = Field(description="A zone of the IANA's database.")
    currency: str = Field(description="ISO 4217.")
    locale: str | None = Field(description="A BCP 47 tag such as en-GB.")
    status: ShownStatus = Field(
        description="Nobody of a suspended client is let in; one that is closing is suspended too, and deleted at "
        "`deletes_at`."
    )
    deletes_at: dt.datetime | None = Field(
        description="UTC; from then on all of its data are deleted. null: they stay."
    )
    business_date: dt.date | None = Field(description="The client's today for good, where one is set.")
    today: dt.date = Field(description="The first day whose demand is not known yet.")
    address: str | None = Field(description="Stands on purchase orders.")
    contact_name: str | None = Field(description="Whom a supplier asks.")
    contact_email: str | None = Field(description="Stands on purchase orders.")
    contact_phone: str | None = Field(description="Stands on purchase orders.")
    created_at: dt.datetime | None = Field(description="UTC.")
    updated_at: dt.datetime | None = Field(description="UTC.")


class ClientPage(TokenEnvelope):
    items: list[ClientView]


class ClosingQuery(BaseModel):
    grace_days: Annotated[
        int, Field(ge=1, le=365, description="Days until everything is deleted; until then it can be taken back.")
    ] = GRACE_DAYS


class ClientPath(BaseModel):
    client_id: Annotated[str, Field(min_length=1, max_length=64, description="The client's id.")]


class OwnView(BaseModel):
    """Who the caller is, and what the caller may do beside reading."""

    kind: Literal["user", "service_token"] = Field(description="A person, or a machine with a key.")
    user_id: str = Field(description="The user's id; of a key `sk_` and its id.")
    email: str | None = Field(description="null for a key.")
    name: str | None = Field(description="How the user is called.")
    locale: str | None = Field(description="The user's own, else the client's.")
    role: Role = Field(description="The caller's role in the client.")
    platform: bool = Field(description="One of those who run Stockcast: may do everything for any client.")
    client_id: str | None = Field(description="The caller's client; null for the platform.")
    client: ClientView | None = Field(description="The caller's client; null for the platform, which may name any.")
    abilities: list[Ability] = Field(description="What the caller may do beside reading.")


class NewServiceTokenBody(BodyModel):
    name: Annotated[Label, Field(description="What the key is for.")]
    role: Annotated[
        Role,
        AfterValidator(_role_of_a_key),
        Field(
            description="SERVICE writes imports and forecasts, VIEWER only reads.",
            json_schema_extra={"enum": list(ROLES_OF_KEYS)},
        ),
    ] = Role.SERVICE
    expires_at: Annotated[AwareDatetime | None, Field(description="Within two years; null or omitted: in a year.")] = (
        None
    )


class ServiceTokenView(BaseModel):
    id: str = Field(description="Made by us; the key holds it.")
    name: str = Field(description="What the key is for.")
    role: Role = Field(description="What it may do.")
    expires_at: dt.datetime = Field(description="It opens nothing from then on.")
    last_used_at: dt.datetime | None = Field(description="To within 10 minutes; null: never used.")
    created_by: str = Field(description="The id of the user who asked for it.")
    created_at: dt.datetime | None = Field(description="UTC.")


class NewServiceTokenView(ServiceTokenView):
    token: str = Field(description="The key for `Authorization: Bearer`. It is shown this once.")


class ServiceTokenPage(PageEnvelope):
    items: list[ServiceTokenView]


class ServiceTokenPath(BaseModel):
    token_id: Annotated[str, Field(min_length=1, max_length=200, description="The service token's id.")]
