"""HTTP surface of auth and clients."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response

from functions.auth import service, users
from functions.auth.schemas import (
    ClientPage,
    ClientPath,
    ClientView,
    NewUserBody,
    PasswordBody,
    RefreshBody,
    TokenPair,
    UserBody,
    UserPage,
    UserPath,
    UserView,
)
from shared.config import config
from shared.domain.access.client import Client, ClientNotFound
from shared.domain.access.principal import ADMINISTRATORS, EVERY_ROLE, EmailTaken, LastAdmin, UserNotFound
from shared.domain.access.session import CredentialsWrong, RefreshTokenInvalid, TooManyAttempts
from shared.domain.versions import StaleVersion
from shared.http.access import actor, allow, errors, now, principal, public, request_context, tenant
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.paging import TokenPage, by_token
from shared.http.reply import Answer

app = Api("auth", "Sign-in, users and clients", prefixes=("auth", "clients"))


@app.post("/auth/token", summary="Sign in", responses={200: TokenPair})
@public
@errors(CredentialsWrong, TooManyAttempts)
def create_token(body: PasswordBody) -> dict[str, Any]:
    """Exchange an email address and a password for an access token and a refresh token."""
    return service.sign_in(config(), body.email, body.password, now())


@app.post("/auth/refresh", summary="Refresh the tokens", responses={200: TokenPair})
@public
@errors(RefreshTokenInvalid)
def refresh_token(body: RefreshBody) -> dict[str, Any]:
    """Exchange a refresh token for the next pair. A refresh token works once; using it twice ends the session."""
    return service.refresh(config(), body.refresh_token, now())


@app.post("/auth/logout", summary="Sign out", responses={204: None})
@public
@errors(RefreshTokenInvalid)
def logout(body: RefreshBody) -> None:
    """End the session that the refresh token belongs to."""
    service.sign_out(config(), body.refresh_token, now())


@app.get("/auth/users", summary="List users", responses={200: UserPage})
@allow(ADMINISTRATORS)
def list_users(query: TokenPage) -> dict[str, Any]:
    """Return the client's users, ordered by email address."""
    found, after = users.page(tenant(), query.page_size, query.position())
    return vars(by_token(query, found, after))


@app.post("/auth/users", summary="Add a user", responses={201: UserView})
@allow(ADMINISTRATORS)
@errors(EmailTaken, *IDEMPOTENCY_ERRORS)
def create_user(body: NewUserBody) -> Response:
    """An email address belongs to one user, whatever its case. Honours Idempotency-Key."""
    owner, who = tenant(), actor()

    def act() -> Answer:
        user_id = request_context().request_id or uuid.uuid4().hex
        user, version = users.create(owner, who, user_id, body)
        return user, 201, {"Location": f"/api/v1/auth/users/{user_id}", **etag(version)}

    return once(request_context(), users.fingerprint(config(), body), act)


@app.get("/auth/users/<string:user_id>", summary="Get a user", responses={200: UserView})
@allow(ADMINISTRATORS)
@errors(UserNotFound)
def get_user(path: UserPath) -> Any:
    """Return the user with an ETag to send in If-Match when changing or deleting it."""
    user, version = users.user(tenant(), path.user_id)
    return user, 200, etag(version)


@app.put("/auth/users/<string:user_id>", summary="Change a user", responses={200: UserView})
@allow(ADMINISTRATORS)
@errors(UserNotFound, LastAdmin, StaleVersion)
def put_user(path: UserPath, body: UserBody) -> Any:
    """Change role, status or password. Any of these ends the user's sessions, except activation. Honours If-Match."""
    user, version = users.change(tenant(), actor(), path.user_id, body)
    return user, 200, etag(version)


@app.delete("/auth/users/<string:user_id>", summary="Delete a user", responses={204: None})
@allow(ADMINISTRATORS)
@errors(UserNotFound, LastAdmin, StaleVersion)
def delete_user(path: UserPath) -> None:
    """The client's last active administrator cannot be deleted. Honours If-Match."""
    users.delete(tenant(), actor(), path.user_id)


@app.get("/clients", summary="List clients", responses={200: ClientPage})
@allow(EVERY_ROLE)
@errors(ClientNotFound)
def list_clients(query: TokenPage) -> dict[str, Any]:
    """Return your own client; a platform administrator gets all of them."""
    clients, after = service.client_page(config(), principal(), query.page_size, query.position())
    return vars(by_token(query, [_view(client) for client in clients], after))


@app.get("/clients/<string:client_id>", summary="Get a client", responses={200: ClientView})
@allow(EVERY_ROLE)
@errors(ClientNotFound)
def get_client(path: ClientPath) -> dict[str, Any]:
    """Return the client with its calendar: `today` is the first day whose demand is not known yet."""
    return _view(service.client(config(), principal(), path.client_id))


def _view(client: Client) -> dict[str, Any]:
    return {**vars(client), "today": client.today(now())}
