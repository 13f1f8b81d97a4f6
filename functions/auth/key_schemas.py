"""The public keys of access tokens as /auth/jwks shows them (RFC 7517)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class JsonWebKey(BaseModel):
    """A public key."""

    kid: str = Field(description="The key's id, which a token names in its header.")
    use: Literal["sig"] = Field(description="Signatures.")


class EllipticKey(JsonWebKey):
    """A public key of the curve P-256."""

    kty: Literal["EC"] = Field(description="The kind of the key.")
    alg: Literal["ES256"] = Field(description="The one algorithm that the key is for.")
    crv: Literal["P-256"] = Field(description="The curve.")
    x: str = Field(description="A coordinate, base64url.")
    y: str = Field(description="A coordinate, base64url.")


class RsaKey(JsonWebKey):
    """An RSA public key."""

    kty: Literal["RSA"] = Field(description="The kind of the key.")
    alg: Literal["RS256"] = Field(description="The one algorithm that the key is for.")
    n: str = Field(description="The modulus, base64url.")
    e: str = Field(description="The exponent, base64url.")


class KeySetView(BaseModel):
    """A JSON Web Key Set; without any key where tokens are signed with a secret."""

    keys: list[Annotated[EllipticKey | RsaKey, Field(discriminator="kty")]] = Field(
        description="Any of them may have signed a token."
    )
