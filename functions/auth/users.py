"""The users of a client, as its administrators keep them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from functions.auth.password_hashes import hash_password
from functions.auth.passwords import new_one_time_token, secret_of
from functions.auth.schemas import NewUserBody
from functions.auth.throttle import Throttle
from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.access.one_time_token import INVITATION_LIFETIME, RESET_LIFETIME, presented
from shared.domain.access.password import check_password
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

_AUDITED = ("email", "name", "role", "status")


class Invited(NamedTuple):
    """A user, and the token to hand over with which they choose their password; None where they have one."""

    user: Versioned[User]
    token: str | None


def of_client(tenant: Tenant, page: PageRequest) -> Page[Versioned[User]]:
    """A page of the client's users in the order of their email addresses."""
    return Users(tenant.database).page(page, tenant.client_id)


def user(tenant: Tenant, user_id: str) -> Versioned[User]:
    """A user; raises UserNotFound."""
    return Users(tenant.database).of_client(tenant.client_id, user_id)


def create(context: RequestContext, body: NewUserBody) -> Invited:
    """A new user, invited unless a password is given.

    Raises EmailTaken, PASSWORD_ERRORS, and ClientNotFound for a client without a record.
    """
    tenant, user_id = context.tenant, context.new_id()
    Clients(tenant.database).get(tenant.client_id)
    users, password = Users(tenant.database), body.password
    if password is not None:
        check_password(password.get_secret_value(), body.email, "/password")
    new = User(
        user_id=user_id,
        email=body.email,
        password_hash=hash_password(context.config, password.get_secret_value()) if password is not None else None,
        role=body.role,
        client_id=tenant.client_id,
        status="invited" if password is None else "active",
        name=body.name,
        locale=body.locale,
        one_time_token=new_one_time_token(context.config, user_id, context.now + INVITATION_LIFETIME)
        if password is None
        else None,
    )

    def write(transaction: Transaction) -> Versioned[User]:
        try:
            # Made by an earlier run of this request, which did not live to answer.
            return users.of_client(tenant.client_id, user_id, transaction)
        except NotFound:
            created = users.add(transaction, new)
        AuditLog(tenant, context.config).add(
            transaction, context.actor, AuditAction.USER_CREATED, user_id, after=_audited(new)
        )
        return created

    return _invited(context, tenant.transact(write))


def reset_password(context: RequestContext, user_id: str) -> Invited:
    """A token to hand over, with which the user chooses a password; one from before opens nothing any more.

    The password stays as it is until then. Raises UserNotFound.
    """
    tenant, users = context.tenant, Users(context.tenant.database)

    def write(transaction: Transaction) -> Versioned[User]:
        current = users.of_client(tenant.client_id, user_id, transaction).value
        lifetime = INVITATION_LIFETIME if current.status == "invited" else RESET_LIFETIME
        token = new_one_time_token(context.config, user_id, context.now + lifetime)
        after = {"one_time_token": "handed over"}
        AuditLog(tenant, context.config).add(
            transaction, context.actor, AuditAction.USER_CHANGED, user_id, before={}, after=after
        )
        return users.replace(transaction, current, replace(current, one_time_token=token), context.now)

    return _invited(context, tenant.transact(write))


def change(context: RequestContext, user_id: str, changes: Mapping[str, Any]) -> Versioned[User]:
    """Change these of a user's role, status, password, name and locale.

    A new role, a new password or deactivation ends the user's sessions: their tokens open nothing from the next request
    on. Raises UserNotFound, StaleVersion, PASSWORD_ERRORS, and LastAdmin for the client's last active administrator.
    """
    tenant, users = context.tenant, Users(context.tenant.database)
    plain = {name: value for name, value in changes.items() if name != "password"}
    password = changes["password"].get_secret_value() if "password" in changes else None

    @cache
    def hashed(password: str) -> str:
        """Expensive: made of a password that may be chosen, and once where the transaction is tried again."""
        return hash_password(context.config, password)

    def write(transaction: Transaction) -> Versioned[User]:
        stored = users.of_client(tenant.client_id, user_id, transaction)
        current = stored.value
        context.expected_version.check(stored.version)
        if password is not None:
            check_password(password, current.email, "/password")
        changed = _still_invited(replace(current, **plain))
        if password is not None:
            changed = changed.with_password(hashed(password))
        if changed == current:
            return stored
        before, after = changed_fields(_audited(current), _audited(changed))
        if password is not None:
            after["password"] = "changed"  # noqa: S105 - that it was, not what it is
            Throttle(context.config).forget(transaction, current.email)
        _keep_an_admin(users, transaction, current, changed)
        if changed.status == "inactive" or changed.role is not current.role:
            changed = replace(changed, session_generation=current.session_generation + 1)
        AuditLog(tenant, context.config).add(
            transaction, context.actor, AuditAction.USER_CHANGED, user_id, before=before, after=after
        )
        return users.replace(transaction, current, changed, context.now)

    return tenant.transact(write)


def delete(context: RequestContext, user_id: str) -> None:
    """Delete a user, and with them their sessions; raises UserNotFound, StaleVersion and LastAdmin."""
    tenant, users = context.tenant, Users(context.tenant.database)

    def write(transaction: Transaction) -> None:
        stored = users.of_client(tenant.client_id, user_id, transaction)
        context.expected_version.check(stored.version)
        current = stored.value
        _keep_an_admin(users, transaction, current, None)
        users.delete(transaction, current, context.now)
        Throttle(context.config).forget(transaction, current.email)
        AuditLog(tenant, context.config).add(
            transaction, context.actor, AuditAction.USER_DELETED, user_id, before=_audited(current)
        )

    tenant.transact(write)


def fingerprint(context: RequestContext, body: NewUserBody) -> str:
    """What tells this request from another one with its Idempotency-Key. It is kept, so the password is not in it."""
    secret = context.config.derivation_secrets[0]
    password = "" if body.password is None else body.password.get_secret_value()
    content = "\0".join((body.model_dump_json(exclude={"password"}), password))
    return hmac.digest(secret.encode(), content.encode(), "sha256").hex()


def _invited(context: RequestContext, user: Versioned[User]) -> Invited:
    token = user.value.one_time_token
    secret = None if token is None else secret_of(context.config, user.value.user_id, token)
    return Invited(user, None if secret is None else presented(user.value.user_id, secret))


def _still_invited(user: User) -> User:
    """Who has no password yet is invited, not active."""
    return replace(user, status="invited") if user.status == "active" and user.password_hash is None else user


def _keep_an_admin(users: Users, transaction: Transaction, current: User, changed: User | None) -> None:
    stays = changed is not None and changed.active_admin
    if current.active_admin and not stays and not users.another_admin(transaction, current):
        raise LastAdmin(
            f"user {current.user_id!r} is the last active ADMIN of this client; give another user that role first"
        )


def _audited(user: User) -> dict[str, str]:
    return {name: str(value) for name in _AUDITED if (value := getattr(user, name)) is not None}
