"""Clients that import files over HTTP, with the whole stack behind the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.importer import Importer
    from tests.support.running import Running


@pytest.fixture
def caller(running: Running) -> Importer:
    """A new client: three locations, and 2011-10-13 as its business date."""
    return _importer(running)


@pytest.fixture
def other(running: Running) -> Importer:
    """A second new client."""
    return _importer(running)


def _importer(running: Running) -> Importer:
    from tests.support.importer import new_importer
    from tests.support.tenants import TestClient

    return new_importer(TestClient(running.base_url))
