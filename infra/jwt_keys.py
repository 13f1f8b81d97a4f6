"""`python -m infra.jwt_keys COMMAND`: the ring of private keys that sign access tokens.

A ring is the value of STOCKCAST_JWT_SIGNING_KEYS: {"key id": "private key as PEM"}. It is read from standard input, and
the changed one is written to standard output, so that it goes from one version of the secret to the next without ever
being a file (infra/README.md, "Change the keys of access tokens"):

    gcloud secrets versions access latest --secret=S | python -m infra.jwt_keys add |
      gcloud secrets versions add S --data-file=-

    add      another key, behind those that there are; the first of an empty ring
    promote  the last key to the front: it signs from then on
    drop     all keys but the first
    jwks     the public keys, as STOCKCAST_JWKS and Terraform's variable `jwks` take them
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.config import ConfigurationError
from shared.domain.access.token_keys import SIGNING_ALGORITHM, KeysInvalid, private_keys
from shared.http.tokens import private_key

Ring = dict[str, str]
_COORDINATE_BYTES = 32


def with_another(ring: Ring) -> Ring:
    """The ring with a new key behind the others; its id is its thumbprint (RFC 7638), so no two keys share one."""
    key = generate_private_key(SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {**ring, thumbprint(_members(key)): pem}


def with_the_last_in_front(ring: Ring) -> Ring:
    """The ring in which the key that was added last signs."""
    last = list(ring)[-1]
    return {last: ring[last]} | ring


def with_the_first_alone(ring: Ring) -> Ring:
    """The ring without the keys that do not sign."""
    first = next(iter(ring))
    return {first: ring[first]}


def public_set(ring: Ring) -> dict[str, list[dict[str, str]]]:
    """The JSON Web Key Set of the ring."""
    named = {"alg": SIGNING_ALGORITHM, "use": "sig"}
    return {"keys": [{"kid": key_id, **_members(private_key(text)), **named} for key_id, text in ring.items()]}


def thumbprint(members: dict[str, str]) -> str:
    """The thumbprint of a public key, from the members that it needs (RFC 7638)."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(text.encode()).digest())


def main() -> int:
    commands: dict[str, Callable[[Ring], object]] = {
        "add": with_another,
        "promote": with_the_last_in_front,
        "drop": with_the_first_alone,
        "jwks": public_set,
    }
    parser = argparse.ArgumentParser(
        prog="python -m infra.jwt_keys", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=commands)
    given = parser.parse_args()
    text = sys.stdin.read().strip()
    try:
        ring = {} if given.command == "add" and not text else private_keys(text)
        print(json.dumps(commands[given.command](ring)))
    except KeysInvalid as error:
        print(f"the ring on standard input {error}", file=sys.stderr)
        return 1
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _members(key: EllipticCurvePrivateKey) -> dict[str, str]:
    point = key.public_key().public_numbers()
    x, y = (_base64url(number.to_bytes(_COORDINATE_BYTES)) for number in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


if __name__ == "__main__":
    sys.exit(main())
