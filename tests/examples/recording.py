"""One recording of all examples."""

from __future__ import annotations

from typing import Any

from infra.local.stack.gateway import gateway
from tests.examples.recorder import Recorder
from tests.examples.scenario import play
from tests.support.running import Running
from tests.support.tenants import TestClient

_CLIENT_ID = "a-shop"


def record(running: Running) -> dict[str, Any]:
    """The example of every operation by its id, from a client that no other test has."""
    recorder = Recorder(TestClient(running.base_url, _CLIENT_ID).create(), gateway().document)
    play(recorder)
    return recorder.examples
