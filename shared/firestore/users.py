"""Users and their refresh tokens: `users/{user_id}` and `users/{user_id}/refresh_tokens/{token_id}`.

`user_emails/{email}` says whose an address is: two users cannot be made with one address at the same time, because
both would create this document.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.access.email_address import MAX_ADDRESS_LENGTH, normal_address
from shared.domain.access.ended_access import EndedSessions
from shared.domain.access.one_time_token import OneTimeToken
from shared.domain.access.principal import EmailTaken, Role, UserNotFound
from shared.domain.access.session import RefreshToken
from shared.domain.access.user import User
from shared.firestore.codec import Codec, held
from shared.firestore.ended_access import EndedAccessStore
from shared.firestore.page import Page, PageRequest
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud import firestore


class Users:
    def __init__(self, database: firestore.Client) -> None:
        self._documents = Repository(database, database.collection("users"), _CODEC, UserNotFound)
        self._collection = self._documents.collection

    def by_email(self, email: str) -> User | None:
        """The user of an email address, whatever its case and Unicode form."""
        address = normal_address(email)
        if len(address) > MAX_ADDRESS_LENGTH:
            return None
        query = self._collection.where(filter=FieldFilter("email", "==", address)).limit(1)
        return next(iter(self._documents.found_by(query)), None)

    def find(self, user_id: str, transaction: Transaction | None = None) -> User | None:
        """A user of any client, or of the platform."""
        stored = self._documents.find(user_id, transaction)
        return None if stored is None else stored.value

    def get(self, user_id: str, transaction: Transaction | None = None) -> Versioned[User]:
        """As `find`; raises UserNotFound."""
        return self._documents.get(user_id, transaction)

    def of_client(self, client_id: str, user_id: str, transaction: Transaction | None = None) -> Versioned[User]:
        """A user of this client; raises NotFound, for the platform's own users too."""
        stored = self._documents.find(user_id, transaction)
        if stored is None or stored.value.client_id != client_id or stored.value.platform:
            raise UserNotFound(user_id)
        return stored

    def page(self, page: PageRequest, client_id: str) -> Page[Versioned[User]]:
        """A page of the client's users, in the order of their email addresses."""
        query = (
            self._collection.where(filter=FieldFilter("client_id", "==", client_id))
            .where(filter=FieldFilter("platform", "==", False))
            .order_by("email")
        )
        return self._documents.page_of_versions(query, page, lambda place: {"email": place}, lambda user: user.email)

    def another_admin(self, transaction: Transaction, user: User) -> bool:
        """Whether the client has an active administrator beside this one; the transaction fails if that changes."""
        admins = (
            self._collection.where(filter=FieldFilter("client_id", "==", user.client_id))
            .where(filter=FieldFilter("role", "==", Role.ADMIN.value))
            .where(filter=FieldFilter("status", "==", "active"))
            .where(filter=FieldFilter("platform", "==", False))
        )
        for admin in admins.limit(2).stream():
            if self._documents.value(admin).user_id != user.user_id:
                transaction.depend_on(admin)
                return True
        return False

    def add(self, transaction: Transaction, user: User) -> Versioned[User]:
        """A new user; raises EmailTaken when the address, whatever its case and Unicode form, is another user's, of any
        client."""
        address = self._address(user.email)
        holder = read(address, transaction)
        # Not every user has a document for their address: those that are put without a transaction have none.
        if holder.exists or self.by_email(user.email) is not None:
            raise EmailTaken(f"the email address {user.email!r} is taken; give another one")
        transaction.set(address, {"user_id": user.user_id})
        return self._documents.create(transaction, user)

    def replace(self, transaction: Transaction, before: User, after: User, now: dt.datetime) -> Versioned[User]:
        """Change a user. Where that ends sessions, their tokens open nothing from the next request on."""
        if after.session_generation != before.session_generation:
            self._end_sessions(transaction, after, after.session_generation, now)
        return self._documents.put(transaction, after)

    def delete(self, transaction: Transaction, user: User, now: dt.datetime) -> None:
        """As `replace` ends sessions. The refresh tokens go when they expire; until then they open nothing."""
        self._end_sessions(transaction, user, user.session_generation + 1, now)
        self._documents.delete(transaction, user.user_id)
        transaction.delete(self._address(user.email))

    def put(self, user: User) -> None:
        """Write a user outside a transaction: for the demo and tests."""
        self._documents.put_now(user)

    def token(self, user_id: str, token_id: str, transaction: Transaction | None = None) -> RefreshToken | None:
        found = read(self._tokens(user_id).document(document_key(token_id)), transaction)
        return RefreshToken(**held(found.to_dict() or {}, RefreshToken)) if found.exists else None

    def put_token(self, transaction: Transaction, token: RefreshToken) -> None:
        transaction.set(self._tokens(token.user_id).document(document_key(token.token_id)), vars(token))

    def revoke_family(self, transaction: Transaction, user_id: str, family_id: str, now: dt.datetime) -> None:
        """Revoke every refresh token that descends from one sign-in."""
        family = self._tokens(user_id).where(filter=FieldFilter("family_id", "==", family_id))
        for found in family.stream():
            # The next token of the family comes with a change of the one before, so that it is not missed.
            transaction.depend_on(found)
            transaction.update(found.reference, {"revoked_at": now})

    def end_session(self, transaction: Transaction, user: User, family_id: str, now: dt.datetime) -> None:
        """As `revoke_family`, and the access tokens of that sign-in open nothing from the next request on."""
        self.revoke_family(transaction, user.user_id, family_id, now)
        EndedAccessStore(Tenant(self._documents.database, user.client_id)).sign_out(transaction, family_id, now)

    def _end_sessions(self, transaction: Transaction, user: User, generation: int, now: dt.datetime) -> None:
        ended = EndedAccessStore(Tenant(self._documents.database, user.client_id))
        ended.end_sessions(transaction, user.user_id, EndedSessions(generation, now))

    def _address(self, email: str) -> firestore.DocumentReference:
        return holder_of_address(self._documents.database, normal_address(email))

    def _tokens(self, user_id: str) -> firestore.CollectionReference:
        return self._documents.reference(user_id).collection("refresh_tokens")


def holder_of_address(database: firestore.Client, address: str) -> firestore.DocumentReference:
    """Says whose an address is, in its normal form; it goes with its user."""
    return database.collection("user_emails").document(document_key(address))


def _encode(user: User) -> dict[str, Any]:
    token = user.one_time_token
    return vars(user) | {
        "email": normal_address(user.email),
        "role": user.role.value,
        "one_time_token": None if token is None else vars(token),
    }


def _decode(fields: Any) -> User:
    token = fields["one_time_token"]
    changed = {
        "role": Role(fields["role"]),
        "one_time_token": None if token is None else OneTimeToken(**held(token, OneTimeToken)),
    }
    return User(**held(fields, User) | changed)


_CODEC = Codec[User](lambda user: user.user_id, _encode, _decode)
