from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.browsing import Browsing
    from tests.support.running import Running


@pytest.fixture(scope="session")
def browser(running: Running) -> Iterator[Browser]:
    from tests.support.browsing import chromium

    with chromium() as started:
        yield started


@pytest.fixture
def browsing(browser: Browser) -> Iterator[Browsing]:
    """Makes visitors of the console; a test fails where a page of theirs has failed."""
    from tests.support.browsing import Browsing

    visits = Browsing(browser)
    yield visits
    visits.close()
