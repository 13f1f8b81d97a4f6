"""What every test has. Nothing of the stack is imported before a test asks for a fixture that needs it."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.support.firestore_meter import FirestoreMeter
    from tests.support.running import Running
    from tests.support.source_server import SourceServer
    from tests.support.tenants import TestClient

# A machine that is busy is no failure: an example may take as long as it takes. A quarter of the usual number is tried,
# so that the suite stays under 20 minutes; `make test ARGS="--hypothesis-profile thorough"` tries all.
_SLOW = hypothesis.HealthCheck.too_slow
hypothesis.settings.register_profile("stockcast", deadline=None, max_examples=25, suppress_health_check=[_SLOW])
hypothesis.settings.register_profile("thorough", hypothesis.settings.get_profile("stockcast"), max_examples=100)
# What `make unit` goes by while one edits.
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("stockcast"), max_examples=15)
hypothesis.settings.load_profile("stockcast")

# Who depends on one of these, directly or not, needs processes beside the one that runs the tests.
_STARTING_FIXTURES = {"running", "cloud", "postgres"}
_STARTING_EVENTS = {"subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"}


# Workers take modules in this order. The demo loads for a minute: the other worker does the rest meanwhile. The fault
# tests measure how soon an answer comes: the other worker has only tests of shared left then, mostly pure.
_ORDER = ("tests/e2e/test_demo", "", "tests/e2e/test_faults", "tests/shared/")


def _turn(item: pytest.Item) -> int:
    return next((_ORDER.index(start) for start in _ORDER if start and item.nodeid.startswith(start)), 1)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what depends on the stack; modules that start processes of their own mark themselves."""
    items.sort(key=_turn)
    for item in items:
        if not _STARTING_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.integration)


def pytest_collection_finish() -> None:
    """What was imported until now stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


class _UnmarkedProcess(RuntimeError):
    """A test that is not marked as an integration test started a process."""


_unit_test: pytest.Item | None = None  # the one that runs now


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    global _unit_test
    _unit_test = None if item.get_closest_marker("integration") else item
    try:
        return (yield)
    finally:
        _unit_test = None


def _refuse_processes(event: str, _: object) -> None:
    if event in _STARTING_EVENTS and _unit_test is not None and threading.current_thread() is threading.main_thread():
        raise _UnmarkedProcess(f"{_unit_test.nodeid} starts a process: mark it with pytest.mark.integration")


sys.addaudithook(_refuse_processes)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Emulators, cloud services and the API over HTTP, started once."""
    from tests.support.running import everything

    with everything(tmp_path_factory.mktemp("stack")) as started:
        yield started


@pytest.fixture(scope="session")
def postgres() -> Iterator[SourceServer]:
    """A PostgreSQL server, started once; each test has a database of its own in it."""
    from tests.support.source_server import source_server

    with source_server() as started:
        yield started


@pytest.fixture
def client(running: Running) -> TestClient:
    """A new, empty client."""
    return running.new_client()


@pytest.fixture
def new_client(running: Running) -> Callable[[], TestClient]:
    """Makes further clients."""
    return running.new_client


@pytest.fixture
def meter(running: Running) -> FirestoreMeter:
    """Counts billed operations from here on."""
    running.meter.reset()
    return running.meter


@pytest.fixture
def sent_to_bigquery(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every statement that is sent to BigQuery from here on, behind the client that it is sent for.

    What an earlier test has started may still be at work meanwhile, for its own client.
    """
    from shared.bigquery.warehouse import Warehouse

    sent: list[tuple[str, str]] = []
    run = Warehouse._run

    def noted(self: Warehouse, statement: str, parameters: object) -> object:
        sent.append((self._client_id, statement))
        return run(self, statement, parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(Warehouse, "_run", noted)
    return sent


@pytest.fixture
def outside_of_requests() -> Iterator[None]:
    """A request that another test made in this thread leaves its trace."""
    from shared.telemetry.trace import current_trace

    token = current_trace.set(None)
    yield
    current_trace.reset(token)
