"""The shop that orders (tests/support/order_shop.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.order_shop import Shop
    from tests.support.running import Running
    from tests.support.tenants import TestClient


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
