"""Tokens of Cloud Tasks and Cloud Scheduler: signed by Google, or by the local stack, and issued for one function."""

from __future__ import annotations

from functools import cache

import jwt

from shared.config import Config
from shared.http.refusals import TaskAccountNotAllowed, TaskTokenInvalid


def verify_task_token(config: Config, token: str, audience: str) -> None:
    """Accept only the task service account's token for this audience; raises Unauthenticated or Forbidden."""
    try:
        key = _keys(config.oidc_certs_url).get_signing_key_from_jwt(token)
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=audience,
            issuer=config.oidc_issuer,
            options={"require": ["exp", "iat", "email"]},
        )
    except jwt.PyJWTError as error:
        reason = type(error).__name__
        raise TaskTokenInvalid(f"internal endpoints take a task's OIDC token ({reason})") from None
    if claims["email"] != config.task_service_account or not claims.get("email_verified"):
        raise TaskAccountNotAllowed("internal endpoints are for the task service account")


@cache
def _keys(url: str) -> jwt.PyJWKClient:
    # A key that is not known yet is asked for at once, or at most this much later.
    return jwt.PyJWKClient(url, cache_keys=True, lifespan=3600, timeout=5, cooldown_duration=5)
