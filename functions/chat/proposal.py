"""A proposal's token: what would be done, for whom and until when, signed so that nobody can make one of his own.

It holds the tool with its arguments, and a digest of the plan that was shown. Confirming it plans once more: only the
same plan is carried out.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.access.session import derived_secret
from shared.domain.errors import Conflict, InvalidField

LIFETIME = dt.timedelta(minutes=10)
_PURPOSE = "chat proposal"


class ProposalInvalid(InvalidField):
    """The token is not one that a proposal to this user and client had."""

    code = "proposal_invalid"

    def __init__(self) -> None:
        super().__init__("/confirm", "this is no proposal of yours; ask again to get another")


class ProposalExpired(Conflict):
    """The proposal was to be confirmed within ten minutes."""

    code = "proposal_expired"

    def __init__(self, expired_at: dt.datetime) -> None:
        super().__init__(f"the proposal could be confirmed until {expired_at:%H:%M:%S} UTC; ask again to get another")


class ProposalRunning(Conflict):
    """The proposal is being carried out."""

    code = "proposal_in_progress"

    def __init__(self) -> None:
        super().__init__("the proposal is being carried out already; look again in a moment")


@dataclass(frozen=True)
class Proposal:
    """A tool with its arguments, the digest of what it planned, and who may confirm that, until when."""

    id: str
    user_id: str
    client_id: str
    tool: str
    arguments: Mapping[str, Any]
    digest: str
    expires_at: dt.datetime


def token_of(proposal: Proposal, key: str) -> str:
    """The proposal as it is handed out; `key` is the service's own."""
    fields = [
        proposal.id,
        proposal.user_id,
        proposal.client_id,
        proposal.tool,
        proposal.arguments,
        proposal.digest,
        int(proposal.expires_at.timestamp()),
    ]
    content = base64.urlsafe_b64encode(json.dumps(fields, default=str).encode()).rstrip(b"=").decode()
    return f"{content}.{derived_secret(key, _PURPOSE, content)}"


def proposal_of(token: str, keys: Sequence[str], user_id: str, client_id: str, now: dt.datetime) -> Proposal:
    """The proposal of a token; raises ProposalInvalid unless it was made for this user and client, and
    ProposalExpired."""
    content, _, signature = token.partition(".")
    if not any(hmac.compare_digest(derived_secret(key, _PURPOSE, content), signature) for key in keys):
        raise ProposalInvalid
    try:
        read = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
        identity, user, client, tool, arguments, digest, expires = read
        ends = dt.datetime.fromtimestamp(expires, dt.UTC)
        proposal = Proposal(identity, user, client, tool, arguments, digest, ends)
    except (ValueError, TypeError, binascii.Error):
        raise ProposalInvalid from None
    if (proposal.user_id, proposal.client_id) != (user_id, client_id):
        raise ProposalInvalid
    if now >= proposal.expires_at:
        raise ProposalExpired(proposal.expires_at)
    return proposal
