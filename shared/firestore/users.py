"""Users and their refresh tokens: `users/{user_id}` and `users/{user_id}/refresh_tokens/{token_id}`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.principal import Role
from shared.domain.session import RefreshToken, SignInAttempts
from shared.firestore.tenant import document_key

if TYPE_CHECKING:
    from google.cloud import firestore


@dataclass(frozen=True)
class User:
    """Who may sign in. `platform`: an operator of Stockcast itself, who may name any client."""

    user_id: str
    email: str
    password_hash: str = field(repr=False)
    role: Role
    client_id: str
    status: str = "active"
    platform: bool = False
    attempts: SignInAttempts = field(default_factory=SignInAttempts)


class Users:
    def __init__(self, database: firestore.Client) -> None:
        self._collection = database.collection("users")

    def by_email(self, email: str) -> User | None:
        """The user of an email address, whatever its case."""
        query = self._collection.where(filter=FieldFilter("email", "==", email.casefold())).limit(1)
        return next((_user(found.to_dict()) for found in query.stream()), None)

    def get(self, user_id: str, transaction: firestore.Transaction | None = None) -> User | None:
        found = self._reference(user_id).get(transaction=transaction)
        return _user(found.to_dict()) if found.exists else None

    def put(self, user: User) -> None:
        self._reference(user.user_id).set(
            {
                "user_id": user.user_id,
                "email": user.email.casefold(),
                "password_hash": user.password_hash,
                "role": user.role.value,
                "client_id": user.client_id,
                "status": user.status,
                "platform": user.platform,
                "failed_attempts": user.attempts.failed,
                "blocked_until": user.attempts.blocked_until,
            }
        )

    def set_attempts(self, transaction: firestore.Transaction, user_id: str, attempts: SignInAttempts) -> None:
        transaction.update(
            self._reference(user_id),
            {"failed_attempts": attempts.failed, "blocked_until": attempts.blocked_until},
        )

    def token(
        self, user_id: str, token_id: str, transaction: firestore.Transaction | None = None
    ) -> RefreshToken | None:
        found = self._tokens(user_id).document(document_key(token_id)).get(transaction=transaction)
        return RefreshToken(**(found.to_dict() or {})) if found.exists else None

    def put_token(self, transaction: firestore.Transaction, token: RefreshToken) -> None:
        transaction.set(self._tokens(token.user_id).document(document_key(token.token_id)), vars(token))

    def revoke_family(self, transaction: firestore.Transaction, user_id: str, family_id: str, now: dt.datetime) -> None:
        """Revoke every token that descends from one sign-in; all reads of the transaction come before."""
        family = self._tokens(user_id).where(filter=FieldFilter("family_id", "==", family_id))
        for found in list(transaction.get(family)):
            transaction.update(found.reference, {"revoked_at": now})

    def _reference(self, user_id: str) -> firestore.DocumentReference:
        return self._collection.document(document_key(user_id))

    def _tokens(self, user_id: str) -> firestore.CollectionReference:
        return self._reference(user_id).collection("refresh_tokens")


def _user(fields: Any) -> User:
    return User(
        user_id=fields["user_id"],
        email=fields["email"],
        password_hash=fields["password_hash"],
        role=Role(fields["role"]),
        client_id=fields["client_id"],
        status=fields["status"],
        platform=fields["platform"],
        attempts=SignInAttempts(fields["failed_attempts"], fields["blocked_until"]),
    )
