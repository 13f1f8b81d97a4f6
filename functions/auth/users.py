"""The users of a client, as its administrators keep them."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any

from functions.auth.schemas import NewUserBody, UserBody
from functions.auth.service import hash_password
from shared.config import Config
from shared.domain.access.audit import Actor, AuditAction, changed_fields
from shared.domain.access.principal import LastAdmin
from shared.domain.access.session import SignInAttempts
from shared.domain.access.user import User
from shared.domain.errors import NotFound
from shared.firestore.audit import AuditLog
from shared.firestore.clients import Clients
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.users import Users
from shared.firestore.versioned import Versioned
from shared.http.etag import check_if_match

_AUDITED = ("email", "role", "status")
_SHOWN = ("user_id", *_AUDITED, "created_at")


def page(tenant: Tenant, size: int, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """Users of one page in the order of their email addresses, and where the next one starts."""
    users, following = Users(tenant.database).page(size, after, tenant.client_id)
    return [_view(user) for user in users], following


def user(tenant: Tenant, user_id: str) -> tuple[dict[str, Any], str]:
    """A user and their version."""
    found, version = Users(tenant.database).of_client(tenant.client_id, user_id)
    return _view(found), version


def create(tenant: Tenant, actor: Actor, user_id: str, body: NewUserBody) -> tuple[dict[str, Any], str]:
    """A new user under this id and their version; raises Conflict when the email address is taken."""
    Clients(tenant.database).get(tenant.client_id)
    users = Users(tenant.database)
    new = User(
        user_id=user_id,
        email=body.email.casefold(),
        password_hash=hash_password(body.password.get_secret_value()),
        role=body.role,
        client_id=tenant.client_id,
        created_at=actor.at,
    )

    def write(transaction: Transaction) -> Versioned[User]:
        try:
            # Made by an earlier run of this request, which did not live to answer.
            return Versioned(*users.of_client(tenant.client_id, user_id, transaction))
        except NotFound:
            created = users.add(transaction, new)
        AuditLog(tenant).add(transaction, actor, AuditAction.USER_CREATED, user_id, after=_audited(new))
        return created

    created = tenant.transact(write)
    return _view(created.value), created.version


def change(tenant: Tenant, actor: Actor, user_id: str, body: UserBody) -> tuple[dict[str, Any], str]:
    """Change the role, status or password; honours If-Match. Gives the user and their version.

    A new role, a new password or deactivation ends the user's sessions: the refresh tokens open nothing from then on,
    an access token lasts its minutes. Raises Conflict for the client's last active administrator.
    """
    users = Users(tenant.database)
    given: dict[str, Any] = {name: getattr(body, name) for name in ("role", "status") if name in body.model_fields_set}
    password_hash = hash_password(body.password.get_secret_value()) if body.password is not None else None

    def write(transaction: Transaction) -> Versioned[User]:
        current, version = users.of_client(tenant.client_id, user_id, transaction)
        check_if_match(version)
        changed = replace(current, **given)
        before, after = changed_fields(_audited(current), _audited(changed))
        if password_hash is not None:
            after["password"] = "changed"  # noqa: S105 - that it was, not what it is
            changed = replace(changed, password_hash=password_hash, attempts=SignInAttempts())
        if not after:
            return Versioned(current, version)
        _keep_an_admin(users, transaction, current, changed)
        if changed.status != "active" or changed.role is not current.role or password_hash is not None:
            changed = replace(changed, session_generation=current.session_generation + 1)
        AuditLog(tenant).add(transaction, actor, AuditAction.USER_CHANGED, user_id, before=before, after=after)
        return users.replace(transaction, changed)

    saved = tenant.transact(write)
    return _view(saved.value), saved.version


def delete(tenant: Tenant, actor: Actor, user_id: str) -> None:
    """Delete a user, and with them their sessions; honours If-Match. Raises Conflict for the last administrator."""
    users = Users(tenant.database)

    def write(transaction: Transaction) -> None:
        current, version = users.of_client(tenant.client_id, user_id, transaction)
        check_if_match(version)
        _keep_an_admin(users, transaction, current, None)
        users.delete(transaction, current)
        AuditLog(tenant).add(transaction, actor, AuditAction.USER_DELETED, user_id, before=_audited(current))

    tenant.transact(write)


def fingerprint(config: Config, body: NewUserBody) -> str:
    """What tells this request from another one with its Idempotency-Key. It is kept, so the password is not in it."""
    secret = next(iter(config.signing_keys.values()))
    content = "\0".join((body.email, body.role.value, body.password.get_secret_value()))
    return hmac.digest(secret.encode(), content.encode(), "sha256").hex()


def _keep_an_admin(users: Users, transaction: Transaction, current: User, changed: User | None) -> None:
    stays = changed is not None and changed.active_admin
    if current.active_admin and not stays and not users.another_admin(transaction, current):
        raise LastAdmin(
            f"user {current.user_id!r} is the last active ADMIN of this client; give another user that role first"
        )


def _audited(user: User) -> dict[str, Any]:
    return {name: str(getattr(user, name)) for name in _AUDITED}


def _view(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in _SHOWN}
