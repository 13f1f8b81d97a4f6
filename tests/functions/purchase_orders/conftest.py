"""The shop that orders (tests/support/order_shop.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shared.config import Config
    from shared.domain.outbox_entry import OutboxEntry
    from tests.support.order_shop import Shop
    from tests.support.running import Running
    from tests.support.tenants import TestClient


@pytest.fixture(autouse=True)
def exports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tasks that export orders to BigQuery are dropped: they would be at work long after the test, a MERGE each.

    test_events.py, which looks at what they write, has them.
    """
    if "running" not in request.fixturenames:
        return
    from shared.tasks import delivery

    create = delivery._create_task

    def unless_an_export(config: Config, entry: OutboxEntry) -> None:
        if entry.path != "/internal/export-events":
            create(config, entry)

    monkeypatch.setattr(delivery, "_create_task", unless_an_export)


@pytest.fixture
def shop(client: TestClient) -> Shop:
    from tests.support.order_shop import open_shop

    return open_shop(client)


@pytest.fixture(scope="module")
def busy_shop(running: Running) -> Shop:
    """A shop that several tests share: each looks at orders of its own only."""
    from tests.support.order_shop import open_shop

    return open_shop(running.new_client())


@pytest.fixture
def other_shop(new_client: Callable[[], TestClient]) -> TestClient:
    return new_client()
