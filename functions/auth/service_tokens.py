"""The keys of a client's machines, as its administrators keep them."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from functions.auth.schemas import NewServiceTokenBody
from shared.domain.access.audit import AuditAction
from shared.domain.access.service_token import (
    MOST_KEYS,
    SecretGone,
    ServiceKey,
    ServiceToken,
    TooManyServiceTokens,
    expiry,
    service_secret,
)
from shared.firestore.audit import AuditLog
from shared.firestore.clients import Clients
from shared.firestore.service_tokens import ServiceTokens
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext


class Issued(NamedTuple):
    """A token and the key that opens with it, which is shown this once."""

    token: Versioned[ServiceToken]
    key: str


def of_client(context: RequestContext) -> list[Versioned[ServiceToken]]:
    """The client's service tokens by name, also those past their end."""
    return ServiceTokens(context.tenant).every()


def create(context: RequestContext, body: NewServiceTokenBody) -> Issued:
    """A new token; raises TooManyServiceTokens, InvalidExpiry, ClientNotFound, and SecretGone where a request is
    repeated after its signing key is gone."""
    tenant, token_id = context.tenant, context.new_id()
    Clients(tenant.database).get(tenant.client_id)
    tokens = ServiceTokens(tenant)
    keys = context.config.derivation_secrets
    unsealed = ServiceToken(
        id=token_id,
        client_id=tenant.client_id,
        name=body.name,
        role=body.role,
        secret_hash="",
        nonce=secrets.token_urlsafe(16),
        expires_at=expiry(body.expires_at, context.now),
        created_by=context.user_id,
    )
    new = unsealed.sealed(service_secret(keys[0], unsealed))

    def write(transaction: Transaction) -> Versioned[ServiceToken]:
        made = tokens.find(token_id, transaction) if context.repeatable else None
        if made is not None:
            return made
        if tokens.count() >= MOST_KEYS:
            raise TooManyServiceTokens
        AuditLog(tenant, context.config).add(
            transaction, context.actor, AuditAction.SERVICE_TOKEN_CREATED, token_id, after=_audited(new)
        )
        return tokens.create(transaction, new)

    stored = tenant.transact(write)
    candidates = (service_secret(key, stored.value) for key in keys)
    secret = next((candidate for candidate in candidates if stored.value.opens(candidate)), None)
    if secret is None:
        raise SecretGone
    return Issued(stored, str(ServiceKey(tenant.client_id, token_id, secret)))


def delete(context: RequestContext, token_id: str) -> None:
    """Revoke a token; raises ServiceTokenNotFound."""
    tokens = ServiceTokens(context.tenant)

    def write(transaction: Transaction) -> None:
        token = tokens.get(token_id, transaction).value
        tokens.delete(transaction, token_id)
        AuditLog(context.tenant, context.config).add(
            transaction, context.actor, AuditAction.SERVICE_TOKEN_DELETED, token_id, before=_audited(token)
        )

    context.tenant.transact(write)


def fingerprint(_context: RequestContext, body: NewServiceTokenBody) -> str:
    """What tells this request from another one with its Idempotency-Key."""
    return body.model_dump_json()


def _audited(token: ServiceToken) -> dict[str, str]:
    return {"name": token.name, "role": token.role.value, "expires_at": token.expires_at.isoformat()}
