"""The components that the tests of this folder share, each started once, on ports of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from infra.local.stack.cloud_services import CloudServices
    from shared.config import Config
    from tests.support.receiver import Receiver

PROJECT = "stockcast-test"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    from tests.support.receiver import listening

    with listening() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def cloud_env() -> dict[str, str]:
    """What the cloud servers of this test session are started with."""
    from infra.local.stack.process import LOOPBACK

    return {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "STOCKCAST_FUNCTION_URL": f"http://{LOOPBACK}:9/api/v1/{{function}}",
        "STOCKCAST_JWT_KEYS": json.dumps({"test": "x" * 32}),
    }


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory, cloud_env: dict[str, str]) -> Iterator[CloudServices]:
    from infra.local.stack.cloud_services import CloudServices

    folder = tmp_path_factory.mktemp("cloud")
    with CloudServices(folder / "logs" / "cloud.log", folder / "data", cloud_env) as component:
        yield component


@pytest.fixture(scope="session")
def cloud_config(cloud: CloudServices, cloud_env: dict[str, str]) -> Config:
    """A configuration whose clients talk to the cloud servers of this test session."""
    from shared.config import Config

    return Config.from_env({**cloud_env, **cloud.env})
