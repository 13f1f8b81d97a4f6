"""A small version of Google's token service: OIDC tokens of service accounts, signed by a key of this process."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

_LIFETIME_S = 3600


class TokenIssuer:
    """Signs tokens; `jwks` is what verifiers download."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key_id = uuid.uuid4().hex

    def token(self, service_account_email: str, audience: str) -> str:
        """An OIDC token as Cloud Tasks and Cloud Scheduler send it, valid for an hour."""
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": audience,
            "azp": service_account_email,
            "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, service_account_email).int)[:21],
            "email": service_account_email,
            "email_verified": True,
            "iat": now,
            "exp": now + _LIFETIME_S,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._key_id})

    def jwks(self) -> dict[str, Any]:
        """The public key, as served at STOCKCAST_OIDC_CERTS_URL."""
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": self._key_id, "alg": "RS256", "use": "sig"}]}
