"""A client whose frozen forecasts were scored, and one request's queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.frozen_forecasts import FrozenForecasts
    from tests.support.running import Running
    from tests.support.tenants import TestClient


@pytest.fixture(scope="package")
def frozen() -> FrozenForecasts:
    from tests.support.frozen_forecasts import FrozenForecasts

    return FrozenForecasts(seed=11)


@pytest.fixture(scope="package")
def scored(running: Running, frozen: FrozenForecasts) -> TestClient:
    """For tests that change nothing in it."""
    from tests.support.scored_forecasts import scored_client

    return scored_client(running.new_client(), frozen)


@pytest.fixture
def queries(sent_to_bigquery: list[tuple[str, str]]) -> Callable[[TestClient], int]:
    """How many statements BigQuery was sent for a client."""
    return lambda client: sum(client_id == client.client_id for client_id, _ in sent_to_bigquery)
