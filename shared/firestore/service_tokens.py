"""Service tokens: `service_tokens/{id}` of a client; and which keys were found good a moment ago."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import GoogleAPICallError

from shared.domain.access.client import ClientSuspended
from shared.domain.access.principal import Principal, Role
from shared.domain.access.service_token import KEY_PREFIX, ServiceKey, ServiceToken, ServiceTokenNotFound
from shared.firestore.codec import Codec, held
from shared.firestore.repository import Repository, count
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference

# How long a revoked key may still open something: that is what a request of a busy key saves its reads for.
CHECKED_FOR = dt.timedelta(seconds=5)
_MOST_CHECKED = 1_000
_checked: dict[str, tuple[ServiceToken, dt.datetime]] = {}  # the key's hash -> the token and when it was looked at


class ServiceTokens:
    """The service tokens of one client."""

    def __init__(self, tenant: Tenant) -> None:
        self._documents = Repository(tenant.database, tenant.collection("service_tokens"), _CODEC, ServiceTokenNotFound)

    def get(self, token_id: str, transaction: Transaction | None = None) -> Versioned[ServiceToken]:
        """The token; raises ServiceTokenNotFound."""
        return self._documents.get(token_id, transaction)

    def find(self, token_id: str, transaction: Transaction | None = None) -> Versioned[ServiceToken] | None:
        return self._documents.find(token_id, transaction)

    def document_of(self, machine: Principal) -> DocumentReference:
        """The document that is there as long as the machine's key opens anything."""
        return self._documents.reference(machine.user_id.removeprefix(KEY_PREFIX))

    def every(self) -> list[Versioned[ServiceToken]]:
        """All of them by name; one read each."""
        found = [self._documents.versioned(snapshot) for snapshot in self._documents.collection.stream()]
        return sorted(found, key=lambda token: (token.value.name, token.value.id))

    def count(self) -> int:
        """How many there are; one read."""
        return count(self._documents.collection)

    def create(self, transaction: Transaction, token: ServiceToken) -> Versioned[ServiceToken]:
        return self._documents.create(transaction, token)

    def delete(self, transaction: Transaction, token_id: str) -> None:
        """Delete the token. Processes that have just looked at it find that out within CHECKED_FOR; this one at
        once."""
        self._documents.delete(transaction, token_id)
        for key, (token, _) in list(_checked.items()):
            if token.id == token_id:
                _checked.pop(key, None)


def token_of_key(database: Client, text: str, now: dt.datetime) -> ServiceToken | None:
    """The token of a key that is good, its end aside; None for any other. Raises ClientSuspended.

    Two reads (the token, the client), or none for a key that this process found good within CHECKED_FOR; and a write
    where the last use that is written down is a while ago.
    """
    key = ServiceKey.parse(text)
    if key is None:
        return None
    fingerprint = sha256(text.encode()).hexdigest()
    token, looked_at = _checked.get(fingerprint, (None, now))
    if token is not None and abs(now - looked_at) < CHECKED_FOR:
        return token
    token = _looked_up(database, key, now)
    if token is None:
        _checked.pop(fingerprint, None)
        return None
    if len(_checked) >= _MOST_CHECKED:
        _checked.clear()
    _checked[fingerprint] = token, now
    return token


def _looked_up(database: Client, key: ServiceKey, now: dt.datetime) -> ServiceToken | None:
    client = Tenant(database, key.client_id).document
    document = client.collection("service_tokens").document(key.token_id)
    found = {snapshot.reference.path: snapshot for snapshot in database.get_all([document, client])}
    fields, of_client = found[document.path].to_dict(), found[client.path].to_dict()
    if not fields or not of_client:
        return None
    token = _decode(fields)
    if not token.opens(key.secret):
        return None
    if of_client["status"] != "active":
        raise ClientSuspended(key.client_id)
    if now < token.expires_at and token.use_is_news(now):
        # Deleted this moment, or the database is busy: no reason to refuse the request.
        with suppress(GoogleAPICallError):
            document.update({"last_used_at": now})
    return token


def _encode(token: ServiceToken) -> dict[str, Any]:
    return vars(token) | {"role": token.role.value}


def _decode(fields: Any) -> ServiceToken:
    return ServiceToken(**held(fields, ServiceToken) | {"role": Role(fields["role"])})


_CODEC = Codec[ServiceToken](lambda token: token.id, _encode, _decode)
