"""The users of a client, as its administrators keep them."""

from __future__ import annotations

import hmac
from dataclasses import replace

from functions.auth.schemas import NewUserBody, UserBody
from functions.auth.service import hash_password
from functions.auth.throttle import Throttle
from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.access.principal import LastAdmin
from shared.domain.access.user import User
from shared.domain.errors import NotFound
from shared.firestore.audit import AuditLog
from shared.firestore.clients import Clients
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.users import Users
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext

_AUDITED = ("email", "role", "status")


def of_client(tenant: Tenant, page: PageRequest) -> Page[User]:
    """A page of the client's users in the order of their email addresses."""
    return Users(tenant.database).page(page, tenant.client_id)


def user(tenant: Tenant, user_id: str) -> Versioned[User]:
    """A user; raises UserNotFound."""
    return Users(tenant.database).of_client(tenant.client_id, user_id)


def create(context: RequestContext, body: NewUserBody) -> Versioned[User]:
    """A new user and their version; raises EmailTaken, and ClientNotFound for a client without a record."""
    tenant, user_id = context.tenant, context.new_id()
    Clients(tenant.database).get(tenant.client_id)
    users = Users(tenant.database)
    new = User(
        user_id=user_id,
        email=body.email,
        password_hash=hash_password(body.password.get_secret_value()),
        role=body.role,
        client_id=tenant.client_id,
        created_at=context.now,
    )

    def write(transaction: Transaction) -> Versioned[User]:
        try:
            # Made by an earlier run of this request, which did not live to answer.
            return users.of_client(tenant.client_id, user_id, transaction)
        except NotFound:
            created = users.add(transaction, new)
        AuditLog(tenant).add(transaction, context.actor, AuditAction.USER_CREATED, user_id, after=_audited(new))
        return created

    return tenant.transact(write)


def change(context: RequestContext, user_id: str, body: UserBody) -> Versioned[User]:
    """Change the role, status or password; returns the user and their version.

    A new role, a new password or deactivation ends the user's sessions: the refresh tokens open nothing from then on,
    an access token lasts its minutes. Raises UserNotFound, StaleVersion, and LastAdmin for the client's last active
    administrator.
    """
    tenant, users = context.tenant, Users(context.tenant.database)
    password_hash = hash_password(body.password.get_secret_value()) if body.password is not None else None

    def write(transaction: Transaction) -> Versioned[User]:
        stored = users.of_client(tenant.client_id, user_id, transaction)
        current = stored.value
        context.expected_version.check(stored.version)
        changed = replace(current, role=body.role or current.role, status=body.status or current.status)
        before, after = changed_fields(_audited(current), _audited(changed))
        if password_hash is not None:
            after["password"] = "changed"  # noqa: S105 - that it was, not what it is
            changed = replace(changed, password_hash=password_hash)
            Throttle(context.config).forget(transaction, current.email)
        if not after:
            return stored
        _keep_an_admin(users, transaction, current, changed)
        if changed.status != "active" or changed.role is not current.role or password_hash is not None:
            changed = replace(changed, session_generation=current.session_generation + 1)
        AuditLog(tenant).add(transaction, context.actor, AuditAction.USER_CHANGED, user_id, before=before, after=after)
        return users.replace(transaction, changed)

    return tenant.transact(write)


def delete(context: RequestContext, user_id: str) -> None:
    """Delete a user, and with them their sessions; raises UserNotFound, StaleVersion and LastAdmin."""
    tenant, users = context.tenant, Users(context.tenant.database)

    def write(transaction: Transaction) -> None:
        stored = users.of_client(tenant.client_id, user_id, transaction)
        context.expected_version.check(stored.version)
        current = stored.value
        _keep_an_admin(users, transaction, current, None)
        users.delete(transaction, current)
        AuditLog(tenant).add(transaction, context.actor, AuditAction.USER_DELETED, user_id, before=_audited(current))

    tenant.transact(write)


def fingerprint(context: RequestContext, body: NewUserBody) -> str:
    """What tells this request from another one with its Idempotency-Key. It is kept, so the password is not in it."""
    secret = next(iter(context.config.signing_keys.values()))
    content = "\0".join((body.email, body.role.value, body.password.get_secret_value()))
    return hmac.digest(secret.encode(), content.encode(), "sha256").hex()


def _keep_an_admin(users: Users, transaction: Transaction, current: User, changed: User | None) -> None:
    stays = changed is not None and changed.active_admin
    if current.active_admin and not stays and not users.another_admin(transaction, current):
        raise LastAdmin(
            f"user {current.user_id!r} is the last active ADMIN of this client; give another user that role first"
        )


def _audited(user: User) -> dict[str, str]:
    return {name: str(getattr(user, name)) for name in _AUDITED}
