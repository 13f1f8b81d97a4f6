"""The one module that reaches into google-cloud-firestore, and the version that it was read against."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

from shared.config import Config
from shared.firestore.driver import DRIVER_VERSION, database, get_document
from tests.support.tenants import TestClient

PROJECT = Path(__file__).parents[3]
ADVICE = (
    "shared/firestore/driver.py uses private members of google-cloud-firestore: read it against the new version, run "
    "tests/shared/firestore and tests/e2e/test_faults.py, then set DRIVER_VERSION"
)


def test_the_installed_library_is_the_one_that_the_driver_was_read_against() -> None:
    assert version("google-cloud-firestore") == DRIVER_VERSION, ADVICE


def test_the_pinned_library_is_the_one_that_the_driver_was_read_against() -> None:
    pins = re.findall(r"^google-cloud-firestore==(\S+)$", (PROJECT / "constraints.txt").read_text(), re.MULTILINE)
    assert pins == [DRIVER_VERSION], ADVICE


def test_no_module_beside_it_asks_to_touch_private_members() -> None:
    """ruff refuses them everywhere (SLF); this is that nobody is excused in place."""
    sources = [
        path for folder in ("shared", "functions", "forecast_job", "infra") for path in (PROJECT / folder).rglob("*.py")
    ]
    assert sources
    assert [path for path in sources if "noqa: SLF" in path.read_text()] == []


def test_a_process_has_one_client(client: TestClient) -> None:
    config = Config("p", "r", "d", "b", "q", "j", "u", "a", "c", "i", firestore_emulator_host="127.0.0.1:1")
    assert database(config) is database(config)
    assert database(config) is not client.tenant.database


def test_a_document_is_read_with_its_update_time(client: TestClient) -> None:
    reference = client.tenant.collection("things").document("one")
    assert get_document(reference) is None
    reference.set({"nested": {"a": [1, "x", None]}})
    document, snapshot = get_document(reference), reference.get()
    assert document is not None
    assert (document.fields, document.update_time) == (snapshot.to_dict(), snapshot.update_time)
