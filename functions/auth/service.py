"""Sign in, refresh, sign out; and who the clients are."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from functools import cache

from shared.config import Config
from shared.domain.access.client import Client, ClientNotFound
from shared.domain.access.principal import Principal
from shared.domain.access.session import (
    REFRESH_LIFETIME,
    CredentialsWrong,
    RefreshToken,
    RefreshTokenInvalid,
    SignInAttempts,
    TooManyAttempts,
)
from shared.domain.access.user import User
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.page import Page, PageRequest
from shared.firestore.transaction import Transaction, transact
from shared.firestore.users import Users
from shared.request_context import RequestContext

_WRONG = "the email address or the password is wrong"
_REFUSED = "the refresh token is not valid any more; sign in again at /auth/token"


@dataclass(frozen=True)
class Session:
    """What a sign-in opens and a refresh goes on with: whose it is, and the refresh token for the next step."""

    principal: Principal
    refresh_token: str = field(repr=False)


def sign_in(config: Config, email: str, password: str, now: dt.datetime) -> Session:
    """A session for a password; raises CredentialsWrong, and TooManyAttempts after several wrong ones in a row."""
    users = Users(database(config))
    user = users.by_email(email)
    if user is not None:
        wait = user.attempts.wait(now)
        if wait:
            seconds = max(1, round(wait.total_seconds()))
            raise TooManyAttempts(
                f"too many wrong passwords; try again in {seconds} seconds", headers={"Retry-After": str(seconds)}
            )
    if not _password_fits(user, password) or user is None or user.status != "active":
        if user is not None:
            _count_failure(config, users, user.user_id, now)
        raise CredentialsWrong(_WRONG)
    first, secret = _new_token(user, secrets.token_urlsafe(16), now)

    def write(transaction: Transaction) -> None:
        if user.attempts.failed:
            users.set_attempts(transaction, user.user_id, SignInAttempts())
        users.put_token(transaction, first)

    transact(database(config), write)
    return _session(user, first, secret)


def refresh(config: Config, presented: str, now: dt.datetime) -> Session:
    """The session with its next refresh token; raises RefreshTokenInvalid.

    A token that was used before has been stolen or replayed: its whole family ends.
    """
    users = Users(database(config))
    user_id, token_id, secret = _parts(presented)

    def rotate(transaction: Transaction) -> tuple[User, RefreshToken, str] | None:
        token = users.token(user_id, token_id, transaction)
        user = users.get(user_id, transaction)
        if token is None or user is None or not hmac.compare_digest(token.secret_hash, _hash(secret)):
            return None
        if token.used_at is not None or user.status != "active":
            users.revoke_family(transaction, user_id, token.family_id, now)
            return None
        if not token.good(now) or token.generation != user.session_generation:
            return None
        following, following_secret = _new_token(user, token.family_id, now)
        users.put_token(transaction, token.used(now))
        users.put_token(transaction, following)
        return user, following, following_secret

    rotated = transact(database(config), rotate)
    if rotated is None:
        raise RefreshTokenInvalid(_REFUSED)
    return _session(*rotated)


def sign_out(config: Config, presented: str, now: dt.datetime) -> None:
    """End the session that a refresh token belongs to; one that is unknown or wrong ends nothing."""
    users = Users(database(config))
    user_id, token_id, secret = _parts(presented)

    def revoke(transaction: Transaction) -> None:
        token = users.token(user_id, token_id, transaction)
        if token is not None and hmac.compare_digest(token.secret_hash, _hash(secret)):
            users.revoke_family(transaction, user_id, token.family_id, now)

    transact(database(config), revoke)


def hash_password(password: str) -> str:
    """argon2id with the library's recommended cost."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


def client_page(context: RequestContext, page: PageRequest) -> Page[Client]:
    """A page of the clients that the caller may see."""
    clients, caller = Clients(context.tenant.database), context.principal
    if not caller.platform:
        own = [clients.get(caller.client_id)]
        return Page(own if page.number == 1 else [], None, len(own))
    return clients.page(page)


def client(context: RequestContext, client_id: str) -> Client:
    """A client; raises ClientNotFound, for everyone but the platform of all others too."""
    caller = context.principal
    if client_id != caller.client_id and not caller.platform:
        raise ClientNotFound(client_id)
    return Clients(context.tenant.database).get(client_id)


def _password_fits(user: User | None, password: str) -> bool:
    """Whether the password is the user's. An unknown user costs the same time as a known one."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    stored = user.password_hash if user is not None else _nobodys_hash()
    try:
        PasswordHasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
    return user is not None


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe(16))


def _count_failure(config: Config, users: Users, user_id: str, now: dt.datetime) -> None:
    def count(transaction: Transaction) -> None:
        current = users.get(user_id, transaction)
        if current is not None:
            users.set_attempts(transaction, user_id, current.attempts.after_failure(now))

    transact(database(config), count)


def _new_token(user: User, family_id: str, now: dt.datetime) -> tuple[RefreshToken, str]:
    secret = secrets.token_urlsafe(32)
    token = RefreshToken(
        token_id=secrets.token_urlsafe(12),
        family_id=family_id,
        user_id=user.user_id,
        secret_hash=_hash(secret),
        expires_at=now + REFRESH_LIFETIME,
        generation=user.session_generation,
    )
    return token, secret


def _session(user: User, token: RefreshToken, secret: str) -> Session:
    principal = Principal(user.user_id, user.client_id, user.role, user.platform)
    return Session(principal, ".".join((user.user_id, token.token_id, secret)))


def _parts(presented: str) -> tuple[str, str, str]:
    parts = presented.rsplit(".", 2)
    if len(parts) != 3 or not all(parts):
        raise RefreshTokenInvalid(_REFUSED)
    return parts[0], parts[1], parts[2]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
