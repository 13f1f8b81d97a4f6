"""Sign in, refresh, sign out."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field, replace

from functions.auth.own_audit import audit_own
from functions.auth.password_hashes import hash_password, is_of_another_pepper, password_fits
from functions.auth.throttle import Throttle, audited_refusal
from shared.config import Config
from shared.domain.access.audit import AuditAction
from shared.domain.access.client import ClientNotFound, ClientSuspended
from shared.domain.access.principal import Principal
from shared.domain.access.session import (
    REFRESH_LIFETIME,
    CredentialsWrong,
    RefreshToken,
    RefreshTokenInvalid,
    derived_secret,
    secret_fits,
    secret_hash,
)
from shared.domain.access.user import User
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.transaction import Transaction, transact
from shared.firestore.users import Users

_WRONG = "the email address or the password is wrong"
_REFUSED = "the refresh token is not valid any more; sign in again at /auth/token"


@dataclass(frozen=True)
class Session:
    """What a sign-in opens and a refresh goes on with: whose it is, and the refresh token for the next step.

    `issued_at` is the same each time that a refresh token is exchanged, so that the access token is too.
    """

    principal: Principal
    refresh_token: str = field(repr=False)
    issued_at: dt.datetime


def sign_in(config: Config, email: str, password: str, source: str, now: dt.datetime) -> Session:
    """A session for a password; raises CredentialsWrong, TooManyAttempts after several wrong ones in a row of the
    address or from the source, and ClientSuspended."""
    throttle, users = Throttle(config), Users(database(config))
    attempt = throttle.admit(email, source, now)
    user = users.by_email(email)
    if not password_fits(config, user, password) or user is None or user.status != "active":
        throttle.failed(attempt, now, audited_refusal(config, user, attempt, now))
        raise CredentialsWrong(_WRONG)
    _require_open_client(config, user)
    rehashed = hash_password(config, password) if is_of_another_pepper(config, user) else None

    def write(transaction: Transaction) -> Session:
        throttle.succeeded(transaction, attempt, now)
        audit_own(config, transaction, user, AuditAction.USER_SIGNED_IN, now, source)
        if rehashed is not None:
            current = users.get(user.user_id, transaction).value
            if current.password_hash == user.password_hash:
                users.replace(transaction, current, replace(current, password_hash=rehashed), now)
        return open_session(users, transaction, user, now)

    return transact(database(config), write)


def refresh(config: Config, presented: str, now: dt.datetime) -> Session:
    """The session with its next refresh token; raises RefreshTokenInvalid, and ClientSuspended.

    Used again within a few seconds, as another tab does, a token gives the same session again. Used again later it has
    been stolen or replayed: its whole family ends, and what was signed with it.
    """
    users = Users(database(config))
    user_id, token_id, secret = _parts(presented)

    def rotate(transaction: Transaction) -> Session | None:
        token = users.token(user_id, token_id, transaction)
        user = users.find(user_id, transaction)
        if token is None or user is None or not secret_fits(secret, token.secret_hash):
            return None
        if user.status != "active" or token.replayed(now):
            if token.revoked_at is None:
                users.end_session(transaction, user, token.family_id, now)
            return None
        if not token.good(now) or token.generation != user.session_generation:
            return None
        _require_open_client(config, user)
        if token.used_at is not None and token.successor_id is not None:
            return _repeated(config, user, token, secret, users.token(user_id, token.successor_id))
        following_secret = _following_secret(config.derivation_secrets[0], token, secret)
        following = _new_token(user, token.family_id, following_secret, now)
        users.put_token(transaction, token.used(now, following.token_id))
        users.put_token(transaction, following)
        return _session(user, following, following_secret, now)

    session = transact(database(config), rotate)
    if session is None:
        raise RefreshTokenInvalid(_REFUSED)
    return session


def sign_out(config: Config, presented: str, source: str, now: dt.datetime) -> None:
    """End the session that a refresh token belongs to, at once; one that is unknown or wrong ends nothing."""
    users = Users(database(config))
    user_id, token_id, secret = _parts(presented)

    def revoke(transaction: Transaction) -> None:
        token = users.token(user_id, token_id, transaction)
        if token is None or token.revoked_at is not None or not secret_fits(secret, token.secret_hash):
            return
        user = users.find(user_id, transaction)
        if user is None:
            users.revoke_family(transaction, user_id, token.family_id, now)
            return
        users.end_session(transaction, user, token.family_id, now)
        audit_own(config, transaction, user, AuditAction.USER_SIGNED_OUT, now, source)

    transact(database(config), revoke)


def open_session(users: Users, transaction: Transaction, user: User, now: dt.datetime) -> Session:
    """A new session of a user who has shown who he is."""
    secret = secrets.token_urlsafe(32)
    first = _new_token(user, secrets.token_urlsafe(16), secret, now)
    users.put_token(transaction, first)
    return _session(user, first, secret, now)


def _require_open_client(config: Config, user: User) -> None:
    """Raises ClientSuspended, also for a client without a record. The platform's people belong to none. One read."""
    if user.platform:
        return
    try:
        active = Clients(database(config)).get(user.client_id).active
    except ClientNotFound:
        active = False
    if not active:
        raise ClientSuspended(user.client_id)


def _new_token(user: User, family_id: str, secret: str, now: dt.datetime) -> RefreshToken:
    return RefreshToken(
        token_id=secrets.token_urlsafe(12),
        family_id=family_id,
        user_id=user.user_id,
        secret_hash=secret_hash(secret),
        expires_at=now + REFRESH_LIFETIME,
        generation=user.session_generation,
    )


def _following_secret(key: str, token: RefreshToken, secret: str) -> str:
    """The secret of the token that this one gives way to: made from this one's, so that it need not be stored to be
    given again."""
    return derived_secret(key, "refresh", token.user_id, token.family_id, token.token_id, secret)


def _repeated(
    config: Config, user: User, token: RefreshToken, secret: str, following: RefreshToken | None
) -> Session | None:
    """The session that the token was exchanged for; None where a key of that time is gone."""
    if following is None or token.used_at is None:
        return None
    for key in config.derivation_secrets:
        following_secret = _following_secret(key, token, secret)
        if secret_fits(following_secret, following.secret_hash):
            return _session(user, following, following_secret, token.used_at)
    return None


def _session(user: User, token: RefreshToken, secret: str, issued_at: dt.datetime) -> Session:
    principal = replace(user.principal, session_id=token.family_id)
    return Session(principal, ".".join((user.user_id, token.token_id, secret)), issued_at)


def _parts(presented: str) -> tuple[str, str, str]:
    parts = presented.rsplit(".", 2)
    if len(parts) != 3 or not all(parts):
        raise RefreshTokenInvalid(_REFUSED)
    return parts[0], parts[1], parts[2]
