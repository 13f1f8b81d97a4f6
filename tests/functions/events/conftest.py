"""Streams end with the test that has opened them: the lines that they end in are nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.events import service
from shared.config import config
from tests.support.tenants import eventually


@pytest.fixture(autouse=True)
def all_streams_end(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(service, "_LOOKED_AFTER_S", 0.05)
    yield
    if "running" in request.fixturenames:
        feeds = service.feeds(config().event_streams)
        eventually(lambda: feeds.open_streams == 0, "all streams to end")
