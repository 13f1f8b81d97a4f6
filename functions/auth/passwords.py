"""Choosing a password: with a one-time token, or with the one before."""

from __future__ import annotations

import datetime as dt
import secrets

from functions.auth.own_audit import audit_own
from functions.auth.password_hashes import hash_password, password_fits
from functions.auth.service import Session, open_session
from functions.auth.throttle import Throttle, audited_refusal
from shared.config import Config
from shared.domain.access.audit import AuditAction
from shared.domain.access.one_time_token import OneTimeToken, OneTimeTokenInvalid, issued, one_time_secret, parts
from shared.domain.access.password import check_password
from shared.domain.access.session import CurrentPasswordWrong, secret_fits
from shared.domain.access.user import User
from shared.firestore.driver import database
from shared.firestore.transaction import Transaction, transact
from shared.firestore.users import Users
from shared.request_context import RequestContext

_CHANGED = {"password": "changed"}  # that it was, not what it is


def new_one_time_token(config: Config, user_id: str, expires_at: dt.datetime) -> OneTimeToken:
    """A token of the user, to be stored with him."""
    nonce = secrets.token_urlsafe(16)
    return issued(one_time_secret(config.derivation_secrets[0], user_id, nonce), nonce, expires_at)


def secret_of(config: Config, user_id: str, token: OneTimeToken) -> str | None:
    """The secret of a token that new_one_time_token made; None where the key of that time is gone."""
    candidates = (one_time_secret(key, user_id, token.nonce) for key in config.derivation_secrets)
    return next((secret for secret in candidates if secret_fits(secret, token.secret_hash)), None)


def choose(config: Config, presented: str, password: str, source: str, now: dt.datetime) -> None:
    """Set the password of whom the one-time token was made for; raises OneTimeTokenInvalid and PASSWORD_ERRORS.

    An invited user is active from then on. All sessions of before end.
    """
    users = Users(database(config))
    user_id, secret = parts(presented)
    found = _opened(users.find(user_id), secret, now)  # before an expensive hash is made for nothing
    check_password(password, found.email, "/new_password")
    password_hash = hash_password(config, password)

    def write(transaction: Transaction) -> None:
        user = _opened(users.find(user_id, transaction), secret, now)
        users.replace(transaction, user, user.with_password(password_hash), now)
        Throttle(config).forget(transaction, user.email)
        audit_own(config, transaction, user, AuditAction.USER_CHANGED, now, source, _CHANGED)

    transact(database(config), write)


def change_own(context: RequestContext, current: str, password: str, source: str) -> Session:
    """A new session under the new password; the others end.

    Raises PASSWORD_ERRORS, CurrentPasswordWrong, and TooManyAttempts: who tries passwords here waits as at sign-in.
    """
    config, now = context.config, context.now
    users, throttle = Users(database(config)), Throttle(config)
    user = users.get(context.user_id).value
    check_password(password, user.email, "/new_password")
    attempt = throttle.admit(user.email, source, now)
    if not password_fits(config, user, current):
        throttle.failed(attempt, now, audited_refusal(config, user, attempt, now))
        raise CurrentPasswordWrong
    password_hash = hash_password(config, password)

    def write(transaction: Transaction) -> Session:
        current = users.get(context.user_id, transaction).value
        changed = current.with_password(password_hash)
        users.replace(transaction, current, changed, now)
        throttle.succeeded(transaction, attempt, now)
        audit_own(config, transaction, changed, AuditAction.USER_CHANGED, now, source, _CHANGED)
        return open_session(users, transaction, changed, now)

    return transact(database(config), write)


def _opened(user: User | None, secret: str, now: dt.datetime) -> User:
    token = user.one_time_token if user is not None else None
    if user is None or token is None or user.status == "inactive" or not token.opens(secret, now):
        raise OneTimeTokenInvalid
    return user
