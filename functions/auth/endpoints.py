"""HTTP surface of auth and clients."""

from __future__ import annotations

import datetime as dt
import json

from functions.auth import clients, passwords, profile, service, service_tokens, users
from functions.auth.key_schemas import KeySetView
from functions.auth.schemas import (
    ClientBody,
    ClientPage,
    ClientPath,
    ClientView,
    ClosingQuery,
    NewClientBody,
    NewPasswordBody,
    NewServiceTokenBody,
    NewServiceTokenView,
    NewUserBody,
    NewUserView,
    OneTimeTokenView,
    OwnBody,
    OwnPasswordBody,
    OwnView,
    PasswordBody,
    RefreshTokenBody,
    ServiceTokenPage,
    ServiceTokenPath,
    ServiceTokenView,
    TokenPair,
    UserBody,
    UserPage,
    UserPath,
    UserView,
)
from shared.config import config
from shared.domain.access.abilities import abilities_of
from shared.domain.access.client import (
    Client,
    ClientExists,
    ClientNotFound,
    ClientSuspended,
    DeletionBegun,
    PlatformRequired,
)
from shared.domain.access.one_time_token import OneTimeTokenInvalid
from shared.domain.access.password import PASSWORD_ERRORS
from shared.domain.access.principal import ADMINISTRATORS, EVERY_ROLE, EmailTaken, LastAdmin, UserNotFound
from shared.domain.access.service_token import (
    InvalidExpiry,
    SecretGone,
    ServiceToken,
    ServiceTokenNotFound,
    TooManyServiceTokens,
)
from shared.domain.access.session import (
    ACCESS_TOKEN_LIFETIME,
    REPEAT_WINDOW,
    CredentialsWrong,
    CurrentPasswordWrong,
    RefreshTokenInvalid,
)
from shared.domain.access.sign_in_attempts import TooManyAttempts
from shared.domain.access.user import User
from shared.domain.versions import StaleVersion
from shared.firestore.versioned import Versioned
from shared.http.access import allow, errors, idempotent, now, platform_only, public, source, versioned
from shared.http.app import Api
from shared.http.client_export_operation import ClientExportOperation, accepted_export
from shared.http.etag import etag
from shared.http.paging import ItemsByToken, NumberedItems, NumberedPage, TokenPage, sliced, views_by_token
from shared.http.reply import Reply
from shared.http.tokens import issue_access_token
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

    Sent again within 10 seconds, as by a second tab, it gets the same refresh token and an access token that says the
    same; sent again later, it ends the session.
    """
    # That the second tab's access token is good for as long as it is told.
    return _pair(service.refresh(config(), body.refresh_token, now()), ACCESS_TOKEN_LIFETIME + REPEAT_WINDOW)


@app.post("/auth/logout", summary="Sign out", responses={204: None})
@public
@errors(RefreshTokenInvalid)
def logout(body: RefreshTokenBody) -> None:
    """End the session that the refresh token belongs to: its access tokens open nothing from the next request on."""
    service.sign_out(config(), body.refresh_token, source(), now())


@app.get("/auth/jwks", summary="Get the public keys of access tokens", responses={200: KeySetView})
@public
def get_key_set() -> Reply:
    """Return the JSON Web Key Set that access tokens are verified with. Keep it for 5 minutes at most.

    A key is published for a day or more before it signs, and for a day or more after.
    """
    shown = [
        json.loads(key.material) | {"kid": key.key_id, "alg": key.algorithm, "use": "sig"}
        for key in config().public_keys
    ]
    return Reply(KeySetView(keys=shown), headers={"Cache-Control": "public, max-age=300"})


@app.get("/auth/me", summary="Get yourself", responses={200: OwnView})
@allow(EVERY_ROLE)
@errors(UserNotFound, ClientNotFound)
@versioned
def get_me(context: RequestContext) -> Reply:
    """Return who the token is for, their client, and what they may do beside reading."""
    user, client = profile.own_user(context), profile.own_client(context)
    return _me(context, user, client)


@app.put("/auth/me", summary="Change your name or locale", responses={200: OwnView})
@allow(EVERY_ROLE)
@errors(UserNotFound, ClientNotFound, StaleVersion)
@versioned
def put_me(context: RequestContext, body: OwnBody) -> Reply:
    """What is omitted stays as it is. Honours If-Match."""
    user = profile.change(context, body.model_dump(exclude_unset=True))
    return _me(context, user, profile.own_client(context))


@app.put("/auth/password", summary="Change your password", responses={200: TokenPair})
@allow(EVERY_ROLE)
@errors(UserNotFound, TooManyAttempts, fields=[CurrentPasswordWrong, *PASSWORD_ERRORS])
def put_password(context: RequestContext, body: OwnPasswordBody) -> TokenPair:
    """All sessions end; the answer is a new one, to go on with."""
    new = body.new_password.get_secret_value()
    return _pair(passwords.change_own(context, body.current_password, new, source()), ACCESS_TOKEN_LIFETIME)


@app.post("/auth/password-reset", summary="Choose a password with a one-time token", responses={204: None})
@public
@errors(OneTimeTokenInvalid, fields=PASSWORD_ERRORS)
def create_password(body: NewPasswordBody) -> None:
    """The token is that of an invitation, or one that an administrator asked for. All sessions of before end."""
    passwords.choose(config(), body.token, body.new_password.get_secret_value(), source(), now())


@app.get("/auth/users", summary="List users", responses={200: UserPage})
@allow(ADMINISTRATORS)
def list_users(context: RequestContext, query: TokenPage) -> ItemsByToken[UserView]:
    """Return the client's users, ordered by email address."""
    return views_by_token(query, users.of_client(context.tenant, query.request()), _user_view)


@app.post("/auth/users", summary="Add a user", responses={201: NewUserView})
@allow(ADMINISTRATORS)
@idempotent(fingerprint=users.fingerprint, keeps_answer=False)
@errors(EmailTaken, ClientNotFound, fields=PASSWORD_ERRORS)
@versioned
def create_user(context: RequestContext, body: NewUserBody) -> Reply:
    """Without a password the user is invited: hand the `invitation` over, with which they choose one.

    An email address belongs to one user, whatever its case and Unicode form. Honours Idempotency-Key.
    """
    invited = users.create(context, body)
    location = {"Location": f"/api/v1/auth/users/{invited.user.value.user_id}"}
    view = NewUserView(**vars(_user_view(invited.user)), invitation=_one_time_token(invited))
    return Reply(view, 201, location | etag(invited.user.version))


@app.get("/auth/users/<string:user_id>", summary="Get a user", responses={200: UserView})
@allow(ADMINISTRATORS)
@errors(UserNotFound)
@versioned
def get_user(context: RequestContext, path: UserPath) -> Reply:
    """Return the user with an ETag to send in If-Match when changing or deleting it."""
    return _user(users.user(context.tenant, path.user_id))


@app.put("/auth/users/<string:user_id>", summary="Change a user", responses={200: UserView})
@allow(ADMINISTRATORS)
@errors(UserNotFound, LastAdmin, StaleVersion, fields=PASSWORD_ERRORS)
@versioned
def put_user(context: RequestContext, path: UserPath, body: UserBody) -> Reply:
    """What is omitted stays as it is. Another role, another password and deactivation end the user's sessions at once:
    their tokens open nothing any more. Honours If-Match."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    return _user(users.change(context, path.user_id, changes))


@app.delete("/auth/users/<string:user_id>", summary="Delete a user", responses={204: None})
@allow(ADMINISTRATORS)
@errors(UserNotFound, LastAdmin, StaleVersion)
def delete_user(context: RequestContext, path: UserPath) -> None:
    """The user's tokens open nothing any more. The client's last active administrator cannot be deleted. Honours
    If-Match."""
    users.delete(context, path.user_id)


@app.post(
    "/auth/users/<string:user_id>/password-reset",
    summary="Let a user choose a new password",
    responses={200: OneTimeTokenView},
)
@allow(ADMINISTRATORS)
@errors(UserNotFound)
def create_password_reset(context: RequestContext, path: UserPath) -> OneTimeTokenView | None:
    """Return a one-time token to hand over; also another invitation, for who has lost the first.

    The present password works until then. Sent again, it returns another token, and the one before works no more.
    """
    return _one_time_token(users.reset_password(context, path.user_id))


@app.get("/auth/service-tokens", summary="List service tokens", responses={200: ServiceTokenPage})
@allow(ADMINISTRATORS)
def list_service_tokens(context: RequestContext, query: NumberedPage) -> NumberedItems[ServiceTokenView]:
    """Return the keys of the client's machines by name, without their secrets; also those past their end."""
    return sliced(query, [_service_token(token) for token in service_tokens.of_client(context)])


@app.post("/auth/service-tokens", summary="Make a service token", responses={201: NewServiceTokenView})
@allow(ADMINISTRATORS)
@idempotent(fingerprint=service_tokens.fingerprint, keeps_answer=False)
@errors(ClientNotFound, TooManyServiceTokens, SecretGone, fields=[InvalidExpiry])
def create_service_token(context: RequestContext, body: NewServiceTokenBody) -> Reply:
    """Return a key for a machine. `token` is shown this once; only its hash is kept. Honours Idempotency-Key."""
    issued = service_tokens.create(context, body)
    location = {"Location": f"/api/v1/auth/service-tokens/{issued.token.value.id}"}
    return Reply(NewServiceTokenView(**vars(_service_token(issued.token)), token=issued.key), 201, location)


@app.delete("/auth/service-tokens/<string:token_id>", summary="Revoke a service token", responses={204: None})
@allow(ADMINISTRATORS)
@errors(ServiceTokenNotFound)
def delete_service_token(context: RequestContext, path: ServiceTokenPath) -> None:
    """The key opens nothing from then on; where it was used within the last 5 seconds, at the end of these."""
    service_tokens.delete(context, path.token_id)


@app.get("/clients", summary="List clients", responses={200: ClientPage})
@allow(EVERY_ROLE)
@errors(ClientNotFound)
def list_clients(context: RequestContext, query: TokenPage) -> ItemsByToken[ClientView]:
    """Return your own client; a platform administrator gets all of them."""
    page = clients.page_of_clients(context, query.request())
    return views_by_token(query, page, lambda client: _client_view(client, context.now))


@app.post("/clients", summary="Add a client", responses={201: ClientView})
@platform_only
@idempotent
@errors(ClientExists)
@versioned
def create_client(context: RequestContext, body: NewClientBody) -> Reply:
    """Its first user is invited with POST /auth/users?client_id=. Honours Idempotency-Key."""
    client = clients.create(context, Client(**vars(body)))
    headers = {"Location": f"/api/v1/clients/{client.value.client_id}"} | etag(client.version)
    return Reply(_client_view(client, context.now), 201, headers)


@app.get("/clients/<string:client_id>", summary="Get a client", responses={200: ClientView})
@allow(EVERY_ROLE)
@errors(ClientNotFound)
@versioned
def get_client(context: RequestContext, path: ClientPath) -> Reply:
    """Return the client with its calendar: `today` is the first day whose demand is not known yet."""
    return _client(clients.client(context, path.client_id), context.now)


@app.put("/clients/<string:client_id>", summary="Change a client", responses={200: ClientView})
@allow(ADMINISTRATORS)
@errors(ClientNotFound, StaleVersion, PlatformRequired, DeletionBegun)
@versioned
def put_client(context: RequestContext, path: ClientPath, body: ClientBody) -> Reply:
    """What is omitted stays as it is. The status is the platform's to change; of a client that is closing it takes the
    deletion back, until that has begun. Honours If-Match.

    Lists follow another `timezone` or `business_date` with the next refresh of the metrics: their `as_of` is its day.
    """
    return _client(clients.change(context, path.client_id, body.model_dump(exclude_unset=True)), context.now)


@app.delete("/clients/<string:client_id>", summary="Close a client", responses={200: ClientView})
@platform_only
@errors(ClientNotFound, StaleVersion)
@versioned
def close_client(context: RequestContext, path: ClientPath, query: ClosingQuery) -> Reply:
    """It is suspended at once, and all of its data are deleted after `grace_days`: documents, demand, forecasts, files
    and users. Until then `PUT` with another status takes it back. Called again, the date stays. Honours If-Match.
    """
    return _client(clients.close(context, path.client_id, query.grace_days), context.now)


@app.post(
    "/clients/<string:client_id>/export", summary="Export a client's data", responses={202: ClientExportOperation}
)
@allow(ADMINISTRATORS)
@idempotent
@errors(ClientNotFound)
def export_client(context: RequestContext, path: ClientPath) -> Reply:
    """Answers with an operation. Once it has succeeded, its `result` lists the files: a JSON Lines file for each
    collection of documents, a Parquet file for each table, and a manifest with counts and SHA-256.
    `/etl/exports/{export_id}/files/{file_name}` gives each of them for seven days; `export_id` is the operation's id.
    """
    return accepted_export(clients.export(context, path.client_id))


def _pair(session: service.Session, lifetime: dt.timedelta) -> TokenPair:
    return TokenPair(
        access_token=issue_access_token(config(), session.principal, session.issued_at, lifetime),
        refresh_token=session.refresh_token,
        expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
    )


def _me(context: RequestContext, user: Versioned[User] | None, client: Versioned[Client] | None) -> Reply:
    caller = context.principal
    own_locale = user.value.locale if user else None
    view = OwnView(
        kind="service_token" if caller.machine else "user",
        user_id=caller.user_id,
        email=user.value.email if user else None,
        name=user.value.name if user else None,
        locale=own_locale or (client.value.locale if client else None),
        role=caller.role,
        platform=caller.platform,
        client_id=client.value.client_id if client else None,
        client=_client_view(client, context.now) if client else None,
        abilities=abilities_of(caller),
    )
    return Reply(view, headers=etag(user.version if user else "0"))  # a key does not change


def _user_view(user: Versioned[User]) -> UserView:
    fields = {name: getattr(user.value, name) for name in ("user_id", "email", "name", "locale", "role", "status")}
    return UserView(**fields, created_at=user.created_at, updated_at=user.updated_at)


def _user(user: Versioned[User]) -> Reply:
    return Reply(_user_view(user), headers=etag(user.version))


def _one_time_token(invited: users.Invited) -> OneTimeTokenView | None:
    token = invited.user.value.one_time_token
    if token is None or invited.token is None:
        return None
    return OneTimeTokenView(token=invited.token, expires_at=token.expires_at)


def _service_token(token: Versioned[ServiceToken]) -> ServiceTokenView:
    shown = ("id", "name", "role", "expires_at", "last_used_at", "created_by")
    return ServiceTokenView(**{name: getattr(token.value, name) for name in shown}, created_at=token.created_at)


def _client_view(client: Versioned[Client], now: dt.datetime) -> ClientView:
    return ClientView(
        **{name: value for name, value in vars(client.value).items() if name in ClientView.model_fields},
        today=client.value.today(now),
        created_at=client.created_at,
        updated_at=client.updated_at,
    )


def _client(client: Versioned[Client], now: dt.datetime) -> Reply:
    return Reply(_client_view(client, now), headers=etag(client.version))
