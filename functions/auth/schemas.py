"""What the auth and clients endpoints take and give."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr, StringConstraints

from shared.domain.access.email_address import MAX_ADDRESS_LENGTH, normal_address
from shared.domain.access.principal import Role
from shared.domain.plain_text import is_printable
from shared.http.app import BodyModel
from shared.http.paging import TokenEnvelope

MIN_PASSWORD_LENGTH = 12


class PasswordBody(BodyModel):
    email: Annotated[str, Field(min_length=3, max_length=MAX_ADDRESS_LENGTH)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]


class RefreshTokenBody(BodyModel):
    refresh_token: Annotated[str, Field(min_length=1, max_length=1000)]


class TokenPair(BaseModel):
    """A short-lived access token, and the refresh token for the next pair. A refresh token works once."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the scheme's name
    expires_in: Annotated[int, Field(description="Seconds until the access token expires.")]


class ClientView(BaseModel):
    client_id: str
    name: str
    timezone: str
    currency: str
    status: str
    business_date: dt.date | None
    today: dt.date


class ClientPage(TokenEnvelope):
    items: list[ClientView]


class ClientPath(BaseModel):
    client_id: str


def _address(text: str) -> str:
    """In its normal form, which a check must see: a full-width `＠` becomes an `@`."""
    address = normal_address(text)
    if not _ADDRESS.fullmatch(address) or not is_printable(address) or len(address) > MAX_ADDRESS_LENGTH:
        raise ValueError(f"it is no email address of at most {MAX_ADDRESS_LENGTH} characters, such as ann@example.com")
    return address


_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=MAX_ADDRESS_LENGTH),
    AfterValidator(_address),
    Field(description="Kept in lower case and one Unicode form; an address belongs to one user of all clients."),
]
Password = Annotated[SecretStr, Field(min_length=MIN_PASSWORD_LENGTH, max_length=1000)]
UserStatus = Literal["active", "inactive"]


class NewUserBody(BodyModel):
    email: Email
    role: Role
    password: Password


class UserBody(BodyModel):
    """What is null or omitted stays as it is."""

    role: Role | None = None
    status: UserStatus | None = None
    password: Annotated[Password | None, Field(description="The new password; null or omitted: unchanged.")] = None


class UserView(BaseModel, from_attributes=True):
    user_id: str
    email: str
    role: Role
    status: UserStatus
    created_at: Annotated[dt.datetime | None, Field(description="null for users created before this was recorded.")]


class UserPage(TokenEnvelope):
    items: list[UserView]


class UserPath(BaseModel):
    user_id: Annotated[str, Field(min_length=1, max_length=200)]
