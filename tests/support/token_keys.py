"""Rings of ES256 keys, and configurations that sign and verify with them."""

from __future__ import annotations

import json
from dataclasses import replace

from infra.jwt_keys import Ring, public_set, with_another
from shared.config import Config
from shared.domain.access.token_keys import key_set

RING: Ring = with_another({})
BARE = Config.from_env({"GOOGLE_CLOUD_PROJECT": "p", "STOCKCAST_FUNCTION_URL": "https://{function}.example"})


def key_set_text(*rings: Ring) -> str:
    """The public keys of the rings, as STOCKCAST_JWKS takes them."""
    return json.dumps({"keys": [key for ring in rings for key in public_set(ring)["keys"]]})


def signing(ring: Ring, *published: Ring) -> Config:
    """The configuration of the auth function: the ring's first key signs; `published`, or the ring itself, verify."""
    return replace(verifying(*(published or (ring,))), jwt_signing_keys=ring)


def verifying(*published: Ring) -> Config:
    """The configuration of any other function."""
    return replace(BARE, public_keys=key_set(key_set_text(*published)))
