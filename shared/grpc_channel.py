"""Channels to emulators, which need no credentials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# gRPC waits up to two minutes between reconnects by default; a database that came back is to be used within seconds.
CHANNEL_OPTIONS = (
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)


def insecure_channel(host: str, options: Sequence[tuple[str, int]] = CHANNEL_OPTIONS) -> Any:
    """A channel to `host`, connected when it is first used."""
    import grpc

    return grpc.insecure_channel(host, options=options)
