"""How passwords are kept: `<pepper>$argon2id$...`, argon2id of what a pepper makes of them.

A pepper is a secret that auth alone has (docs/adr/0020): every function may read the users' documents, and a hash from
there says nothing of the password without it.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from functools import cache
from unicodedata import normalize

from shared.config import Config
from shared.domain.access.user import User


def hash_password(config: Config, password: str) -> str:
    """With the first pepper, at the library's recommended cost."""
    from argon2 import PasswordHasher

    pepper, secret = next(iter(config.peppers.items()))
    return f"{pepper}{PasswordHasher().hash(peppered(secret, password))}"


def password_fits(config: Config, user: User | None, password: str) -> bool:
    """Whether the password is the user's. An unknown user, one without a password, and one whose pepper is gone, cost
    the same time as any."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    pepper, kept = _parts(user.password_hash if user is not None else None)
    secret = config.peppers.get(pepper)
    known = kept is not None and (secret is not None or not pepper)
    try:
        PasswordHasher().verify(kept if kept is not None and known else _nobodys_hash(), peppered(secret, password))
    except (VerificationError, InvalidHashError):
        return False
    return known


def is_of_another_pepper(config: Config, user: User) -> bool:
    """Whether the user's password is to be hashed again, with the first pepper, at the next chance."""
    return _parts(user.password_hash)[0] != next(iter(config.peppers))


def peppered(secret: str | None, password: str) -> str:
    """What is hashed: of a hash from before there were peppers the password itself.

    The same whatever the keyboard: a Mac sends an accent as a character of its own.
    """
    typed = normalize("NFC", password)
    if secret is None:
        return typed
    return base64.b64encode(hmac.digest(secret.encode(), typed.encode(), "sha256")).decode()


def _parts(stored: str | None) -> tuple[str, str | None]:
    """The id of the pepper, none: an empty text, and the hash."""
    if stored is None:
        return "", None
    pepper, _, kept = stored.partition("$")
    return pepper, f"${kept}"


@cache
def _nobodys_hash() -> str:
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secrets.token_urlsafe(16))
