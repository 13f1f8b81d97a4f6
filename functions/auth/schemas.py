"""What the auth and clients endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from shared.http.app import BodyModel
from shared.http.paging import TokenEnvelope


class PasswordBody(BodyModel):
    email: Annotated[str, Field(min_length=3, max_length=320)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]


class RefreshBody(BodyModel):
    refresh_token: Annotated[str, Field(min_length=1, max_length=1000)]


class TokenPair(BaseModel):
    """A short-lived access token, and the refresh token that gets the next pair. A refresh token works once."""

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
