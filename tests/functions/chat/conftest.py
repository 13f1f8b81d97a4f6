"""Shops that questions are asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.running import Running
    from tests.support.tenants import TestClient


@pytest.fixture(scope="session")
def asked_shop(running: Running) -> TestClient:
    """For tests that change nothing in it but carts of users of their own."""
    from tests.support.asked_shop import fill

    return fill(running.new_client())


@pytest.fixture
def changing_shop(client: TestClient) -> TestClient:
    """The same, free to change."""
    from tests.support.asked_shop import fill

    return fill(client)
