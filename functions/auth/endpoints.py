"""HTTP surface of auth and clients."""

from __future__ import annotations

import datetime as dt

from functions.auth import service, users
from functions.auth.schemas import (
    ClientPage,
    ClientPath,
    ClientView,
    NewUserBody,
    PasswordBody,
    RefreshTokenBody,
    TokenPair,
    UserBody,
    UserPage,
    UserPath,
    UserView,
)
from shared.config import config
from shared.domain.access.client import Client, ClientNotFound, ClientSuspended
from shared.domain.access.principal import ADMINISTRATORS, EVERY_ROLE, EmailTaken, LastAdmin, UserNotFound
from shared.domain.access.session import REPEAT_WINDOW, CredentialsWrong, RefreshTokenInvalid, TooManyAttempts
from shared.domain.access.user import User
from shared.domain.versions import StaleVersion
from shared.firestore.versioned import Versioned
from shared.http.access import allow, errors, idempotent, now, public, source, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.paging import ItemsByToken, TokenPage, views_by_token
from shared.http.reply import Reply
from shared.http.tokens import ACCESS_TOKEN_LIFETIME, issue_access_token
from shared.request_context import RequestContext

app = Api("auth", "Sign-in, users and clients", prefixes=("auth", "clients"))


@app.post("/auth/token", summary="Sign in", responses={200: TokenPair})
@public
@errors(CredentialsWrong, TooManyAttempts, ClientSuspended)
def create_token(body: PasswordBody) -> TokenPair:
    """Exchange an email address and a password for an access token and a refresh token."""
    return _pair(service.sign_in(config(), body.email, body.password, source(), now()), ACCESS_TOKEN_LIFETIME)


@app.post("/auth/refresh", summary="Refresh the tokens", responses={200: TokenPair})
@public
@errors(RefreshTokenInvalid, ClientSuspended)
def refresh_token(body: RefreshTokenBody) -> TokenPair:
    """Exchange a refresh token for the next pair.

    Sent again within 10 seconds, as by a second tab, it gets the same pair; sent again later, it ends the session.
    """
    # That the second tab's access token is good for as long as it is told.
    return _pair(service.refresh(config(), body.refresh_token, now()), ACCESS_TOKEN_LIFETIME + REPEAT_WINDOW)


@app.post("/auth/logout", summary="Sign out", responses={204: None})
@public
@errors(RefreshTokenInvalid)
def logout(body: RefreshTokenBody) -> None:
    """End the session that the refresh token belongs to."""
    service.sign_out(config(), body.refresh_token, now())


@app.get("/auth/users", summary="List users", responses={200: UserPage})
@allow(ADMINISTRATORS)
def list_users(context: RequestContext, query: TokenPage) -> ItemsByToken[UserView]:
    """Return the client's users, ordered by email address."""
    page = users.of_client(context.tenant, query.request())
    return views_by_token(query, page, UserView.model_validate)


@app.post("/auth/users", summary="Add a user", responses={201: UserView})
@allow(ADMINISTRATORS)
@idempotent(fingerprint=users.fingerprint)
@errors(EmailTaken, ClientNotFound)
@versioned
def create_user(context: RequestContext, body: NewUserBody) -> Reply:
    """An email address belongs to one user, whatever its case. Honours Idempotency-Key."""
    user = users.create(context, body)
    location = {"Location": f"/api/v1/auth/users/{user.value.user_id}"}
    return Reply(UserView.model_validate(user.value), 201, location | etag(user.version))


@app.get("/auth/users/<string:user_id>", summary="Get a user", responses={200: UserView})
@allow(ADMINISTRATORS)
@errors(UserNotFound)
@versioned
def get_user(context: RequestContext, path: UserPath) -> Reply:
    """Return the user with an ETag to send in If-Match when changing or deleting it."""
    return _user(users.user(context.tenant, path.user_id))


@app.put("/auth/users/<string:user_id>", summary="Change a user", responses={200: UserView})
@allow(ADMINISTRATORS)
@errors(UserNotFound, LastAdmin, StaleVersion)
@versioned
def put_user(context: RequestContext, path: UserPath, body: UserBody) -> Reply:
    """Change role, status or password. Any of these ends the user's sessions, except activation. Honours If-Match."""
    return _user(users.change(context, path.user_id, body))


@app.delete("/auth/users/<string:user_id>", summary="Delete a user", responses={204: None})
@allow(ADMINISTRATORS)
@errors(UserNotFound, LastAdmin, StaleVersion)
def delete_user(context: RequestContext, path: UserPath) -> None:
    """The client's last active administrator cannot be deleted. Honours If-Match."""
    users.delete(context, path.user_id)


@app.get("/clients", summary="List clients", responses={200: ClientPage})
@allow(EVERY_ROLE)
@errors(ClientNotFound)
def list_clients(context: RequestContext, query: TokenPage) -> ItemsByToken[ClientView]:
    """Return your own client; a platform administrator gets all of them."""
    page = service.client_page(context, query.request())
    return views_by_token(query, page, lambda client: _client(client, context.now))


@app.get("/clients/<string:client_id>", summary="Get a client", responses={200: ClientView})
@allow(EVERY_ROLE)
@errors(ClientNotFound)
def get_client(context: RequestContext, path: ClientPath) -> ClientView:
    """Return the client with its calendar: `today` is the first day whose demand is not known yet."""
    return _client(service.client(context, path.client_id), context.now)


def _pair(session: service.Session, lifetime: dt.timedelta) -> TokenPair:
    return TokenPair(
        access_token=issue_access_token(config(), session.principal, session.issued_at, lifetime),
        refresh_token=session.refresh_token,
        expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
    )


def _user(user: Versioned[User]) -> Reply:
    return Reply(UserView.model_validate(user.value), headers=etag(user.version))


def _client(client: Client, now: dt.datetime) -> ClientView:
    return ClientView(**vars(client), today=client.today(now))
