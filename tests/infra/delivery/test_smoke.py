"""The walk against the API that runs here, as it is and broken in ways that a status code alone does not show."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
import requests
from google.cloud import run_v2
from google.cloud.run_v2.services.jobs.transports import JobsGrpcTransport

from functions.dashboard import service as dashboard_service
from functions.order_planning import service as planning_service
from infra.delivery.__main__ import FUNCTIONS
from infra.delivery.decision import Counts
from infra.delivery.google import job_probe, smoke_user
from infra.delivery.metrics import Metrics
from infra.delivery.rollout import Platform, SentBack, roll_out
from infra.delivery.smoke import SmokeFailed, SmokeUser, check_health, probe_of, walk
from infra.local.emulators.job_execution import JobTemplate
from infra.local.emulators.run_server import CloudRun
from shared.grpc_channel import insecure_channel
from tests.infra.delivery.fake_cloud import FakeCloudRun, FakeMonitoring, clients_of
from tests.support.planned_shop import plan
from tests.support.running import Running
from tests.support.tenants import TestClient
from tests.support.users import PASSWORD, sign_up

WALKED = ("auth", "dashboard", "order-planning", "products")


@pytest.fixture(scope="module")
def addresses(running: Running) -> dict[str, str]:
    return dict.fromkeys(FUNCTIONS, running.base_url)


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    return plan(running.new_client())


@pytest.fixture
def user(shop: TestClient) -> SmokeUser:
    return SmokeUser(sign_up(shop).user.email, PASSWORD, products=9, suggestions=1)


def broken(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, change: Callable[[Any], Any]) -> None:
    """What the service returns is changed from here on."""
    whole = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *given, **named: change(whole(*given, **named)))


def test_the_walk_is_passed(addresses: Mapping[str, str], user: SmokeUser) -> None:
    probe_of(user)(addresses)


def test_without_a_user_every_function_is_asked_for_its_health(addresses: Mapping[str, str]) -> None:
    probe_of(None)(addresses)
    with pytest.raises(SmokeFailed, match=r"auth: GET /health: .*refused"):
        check_health({**addresses, "auth": "http://127.0.0.1:1/api/v1"})


def test_a_wrong_password_fails(addresses: Mapping[str, str], user: SmokeUser) -> None:
    with pytest.raises(SmokeFailed, match="auth: POST /auth/token answers 401"):
        walk(addresses, replace(user, password="wrong, wrong, wrong"))


def test_an_empty_catalog_fails(addresses: Mapping[str, str], user: SmokeUser) -> None:
    with pytest.raises(SmokeFailed, match="the list has 9 products, at least 10 are expected"):
        walk(addresses, replace(user, products=10))
    with pytest.raises(SmokeFailed, match="suggestions, at least 100 are expected"):
        walk(addresses, replace(user, suggestions=100))


def test_an_answer_of_500_fails(addresses: Mapping[str, str], user: SmokeUser, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, planning_service, "current_suggestions", lambda _: 1 / 0)
    with pytest.raises(SmokeFailed, match=r"order-planning: GET /order-planning/suggestions\S* answers 500"):
        walk(addresses, user)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"total_skus": 8}, "the dashboard has 8 products, the list 9"),
        ({"total_inventory_value": 0}, r"the dashboard's stock is worth 0, that of the list \d+"),
        ({"dead_stock_count": 9}, r"of 9 products the dashboard counts \[\d, \d, 9\] by status"),
    ],
)
def test_figures_that_do_not_add_up_fail(
    addresses: Mapping[str, str],
    user: SmokeUser,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    problem: str,
) -> None:
    def change(whole: Any) -> Any:
        return whole.model_copy(update={"metrics": whole.metrics.model_copy(update=changes)})

    broken(monkeypatch, dashboard_service, "dashboard", change)
    with pytest.raises(SmokeFailed, match=problem):
        walk(addresses, user)


def test_an_order_below_its_moq_fails(
    addresses: Mapping[str, str], user: SmokeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(whole: Any) -> Any:
        line = next(line for group in whole.groups for line in group.lines if (line["moq"] or 0) > 1)
        line["quantity"] = type(line["quantity"])(1)
        return whole

    broken(monkeypatch, planning_service, "current_suggestions", change)
    with pytest.raises(SmokeFailed, match=r"quantity 1 is below the MOQ"):
        walk(addresses, user)


class Secrets:
    """The session of Secret Manager, which answers once."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status_code = status
        self.json = lambda: body

    def get(self, url: str, **_: Any) -> Secrets:
        assert url.endswith("/v1/projects/p/secrets/stockcast-smoke-user/versions/latest:access")
        return self


def test_the_smoke_user_is_a_secret() -> None:
    payload = {"payload": {"data": "eyJlbWFpbCI6ICJzQHguZGUiLCAicGFzc3dvcmQiOiAicCJ9"}}
    assert smoke_user("p", Secrets(200, payload)) == SmokeUser("s@x.de", "p")  # type: ignore[arg-type]
    assert smoke_user("p", Secrets(404, {})) is None  # type: ignore[arg-type]
    with pytest.raises(SmokeFailed, match="answers 403"):
        smoke_user("p", Secrets(403, {}))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="email, password, products and suggestions"):
        SmokeUser.from_json('{"mail": "x"}')


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[run_v2.JobsClient]:
    """The job `smoke`, which fails for addresses with a dead one."""
    run = CloudRun(tmp_path)
    program = "import sys; sys.exit('dead' in sys.argv[2])"
    container = run_v2.Container(command=[sys.executable, "-c", program])
    template = run_v2.ExecutionTemplate(template={"containers": [container], "max_retries": 0})
    run.add_job("projects/p/locations/r/jobs/smoke", JobTemplate.from_message(template))
    server = grpc.server(futures.ThreadPoolExecutor(2), handlers=run.handlers())
    channel = insecure_channel(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
    server.start()
    yield run_v2.JobsClient(transport=JobsGrpcTransport(channel=channel))
    channel.close()
    server.stop(None)


@pytest.mark.integration
def test_behind_a_load_balancer_a_job_walks(jobs: run_v2.JobsClient) -> None:
    probe = job_probe("projects/p/locations/r/jobs/smoke", jobs)
    probe({"auth": "https://candidate---auth.example.com/api/v1"})
    with pytest.raises(SmokeFailed, match=r"smoke-.*its log says what failed"):
        probe({"auth": "https://dead.example.com/api/v1"})


def without_products(whole: Any) -> Any:
    return whole.model_copy(update={"metrics": whole.metrics.model_copy(update={"total_skus": 0})})


def test_a_revision_that_shows_wrong_figures_gets_no_traffic(
    running: Running, user: SmokeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole rollout: the real walk through the API here, which every revision of a Cloud Run of ours answers with."""
    fake = FakeCloudRun(running.base_url.removesuffix("/api/v1"))
    fake.deploy_job("forecast-job", "job@sha256:1")
    now = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
    with clients_of(fake) as clients, FakeMonitoring(lambda _: Counts(100, 0, 50)).served() as monitoring:
        metrics = Metrics("stockcast-test", requests.Session(), monitoring.root)
        platform = Platform(clients, metrics, probe_of(user), WALKED, "forecast-job", lambda: now, lambda _: None)
        for name in WALKED:
            fake.deploy(name)
        roll_out(platform, "first", "job@sha256:1", can_sign_in=True)
        fake.deploy("dashboard")
        broken(monkeypatch, dashboard_service, "dashboard", without_products)
        with pytest.raises(SentBack, match="the dashboard has 0 products, the list 9"):
            roll_out(platform, "second", "job@sha256:1", can_sign_in=True)
    assert all(fake.traffic(name) == {"1": 100} for name in WALKED)
