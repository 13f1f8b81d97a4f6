"""A user who can sign in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import requests
from argon2 import PasswordHasher

from functions.auth.password_hashes import peppered
from shared.config import config
from shared.domain.access.principal import Role
from shared.domain.access.user import User
from shared.firestore.driver import database
from shared.firestore.users import Users
from tests.support.tenants import TestClient

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class SignedUp:
    """A user of a client, and what the auth endpoints answer to them."""

    client: TestClient
    user: User
    password: str = PASSWORD
    source: str = field(default_factory=lambda: uuid.uuid4().hex)  # as a proxy of ours would give it

    def sign_in(self, **given: str) -> requests.Response:
        return self._post("token", {"email": self.user.email, "password": self.password} | given)

    def refresh(self, token: str) -> requests.Response:
        return self._post("refresh", {"refresh_token": token})

    def sign_out(self, token: str) -> requests.Response:
        return self._post("logout", {"refresh_token": token})

    def get(self, path: str, access_token: str) -> requests.Response:
        return self.client.get(path, headers={"Authorization": f"Bearer {access_token}"})

    def stored(self) -> User:
        found = Users(database(config())).find(self.user.user_id)
        assert found is not None
        return found

    def change(self, **fields: Any) -> None:
        Users(database(config())).put(User(**{**vars(self.stored()), **fields}))

    def _post(self, verb: str, body: dict[str, str]) -> requests.Response:
        headers = {"Authorization": "", "X-Forwarded-For": self.source}
        return self.client.post(f"/auth/{verb}", json=body, headers=headers)


@cache
def _hash() -> str:
    """Of the kind that is stored, but cheap to check: a hash says itself at what cost it was made."""
    pepper, secret = next(iter(config().peppers.items()))
    return f"{pepper}{PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(peppered(secret, PASSWORD))}"


def sign_up(client: TestClient, **fields: Any) -> SignedUp:
    """A new user of the client, with PASSWORD unless the fields say otherwise."""
    name = uuid.uuid4().hex[:12]
    given = {"role": Role.VIEWER, "client_id": client.client_id, "password_hash": _hash()}
    user = User(**({"user_id": f"u-{name}", "email": f"{name}@example.org"} | given | fields))
    Users(database(config())).put(user)
    return SignedUp(client, user)
