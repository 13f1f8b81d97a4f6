"""The shop planned by hand (tests/support/planned_shop.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shared.domain.settings import Settings
    from tests.support.running import Running
    from tests.support.tenants import TestClient


@pytest.fixture
def shop(client: TestClient) -> TestClient:
    """The planned shop, free to change; Acme asks for orders of at least 500."""
    from tests.support.planned_shop import plan

    return plan(client)


@pytest.fixture(scope="session")
def kept_shop(running: Running) -> TestClient:
    """The planned shop for tests that change nothing in it, carts included."""
    from tests.support.planned_shop import plan

    return plan(running.new_client())


@pytest.fixture
def planned(client: TestClient) -> Callable[[Settings], TestClient]:
    """The planned shop under other settings."""
    from tests.support.planned_shop import plan

    return lambda settings: plan(client, settings)


@pytest.fixture
def places(client: TestClient) -> TestClient:
    """A shop with three places (tests/support/places_shop.py), free to change."""
    from tests.support.places_shop import places_shop

    return places_shop(client)


@pytest.fixture(scope="session")
def kept_places(running: Running) -> TestClient:
    """The shop with three places for tests that change nothing in it."""
    from tests.support.places_shop import places_shop

    return places_shop(running.new_client())
