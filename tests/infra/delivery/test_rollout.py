"""Rollouts against servers of ours that speak Cloud Run's and Cloud Monitoring's protocols."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import grpc
import pytest
import requests
from google.api_core.exceptions import GoogleAPICallError

from infra.delivery.cloud_run import CloudRun
from infra.delivery.decision import Counts, Limits
from infra.delivery.metrics import Metrics
from infra.delivery.rollout import Platform, RolloutRefused, SentBack, roll_back, roll_out
from infra.delivery.smoke import SmokeFailed
from infra.local.emulators.grpc_service import Refused
from tests.infra.delivery.fake_cloud import PARENT, FakeCloudRun, FakeMonitoring, clients_of

FUNCTIONS = ("auth", "products")
LIMITS = Limits(watch_s=120, patience_s=180)
OLD, NEW = {"1": 100}, {"2": 100}


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 28, 3, tzinfo=dt.UTC)
        self.at: dict[float, Callable[[], None]] = {}  # seconds -> what happens then, once

    def sleep(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)
        for due in [due for due in self.at if due <= (self.now - self.start).total_seconds()]:
            self.at.pop(due)()

    start = dt.datetime(2026, 11, 28, 3, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def monitoring() -> Iterator[FakeMonitoring]:
    with FakeMonitoring(lambda _: Counts()).served() as server:
        yield server


@pytest.fixture(scope="module")
def shared_fake() -> Iterator[tuple[FakeCloudRun, CloudRun]]:
    fake = FakeCloudRun()
    with clients_of(fake) as clients:
        yield fake, clients


@pytest.fixture
def fake(shared_fake: tuple[FakeCloudRun, CloudRun], monitoring: FakeMonitoring) -> FakeCloudRun:
    """Two functions that serve their first revisions, and have a second one without traffic."""
    fake, clients = shared_fake
    fake.services.clear()
    fake.before_update = lambda _: None
    monitoring.counts, monitoring.status = (lambda _: Counts(200, 0, 50)), 200
    fake.deploy_job("forecast-job", "job@sha256:1")
    for name in FUNCTIONS:
        fake.deploy(name)
    first = platform_of(clients, monitoring, Clock())
    roll_out(first, "first", "job@sha256:1", can_sign_in=False)
    for name in FUNCTIONS:
        fake.deploy(name)
    return fake


def passes(_: Mapping[str, str]) -> None:
    """A walk that finds nothing."""


def platform_of(clients: CloudRun, monitoring: FakeMonitoring, clock: Clock) -> Platform:
    metrics = Metrics("stockcast-test", requests.Session(), monitoring.root)
    return Platform(
        clients, metrics, passes, FUNCTIONS, "forecast-job", lambda: clock.now, clock.sleep, limits=LIMITS, workers=1
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(
    fake: FakeCloudRun, shared_fake: tuple[FakeCloudRun, CloudRun], monitoring: FakeMonitoring, clock: Clock
) -> Platform:
    return platform_of(shared_fake[1], monitoring, clock)


def second(platform: Platform) -> None:
    roll_out(platform, "second", "job@sha256:2", can_sign_in=True)


def job_image(fake: FakeCloudRun) -> str:
    return fake.jobs[f"{PARENT}/jobs/forecast-job"].template.template.containers[0].image


def test_traffic_comes_in_steps_each_watched(platform: Platform, fake: FakeCloudRun, clock: Clock) -> None:
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)  # Terraform alone moves none
    seen: list[dict[str, int]] = []
    for second_ in (30, 150, 270, 330):
        clock.at[second_] = lambda: seen.append(fake.traffic("products"))
    second(platform)
    assert seen == [{"1": 95, "2": 5}, {"1": 75, "2": 25}, NEW, NEW]
    assert all(fake.traffic(name) == NEW for name in FUNCTIONS)
    assert job_image(fake) == "job@sha256:2"
    assert (clock.now - clock.start).total_seconds() == 3 * platform.limits.watch_s


def test_the_new_revisions_are_tried_at_their_own_addresses_before_any_traffic(
    platform: Platform, fake: FakeCloudRun
) -> None:
    def fails(addresses: Mapping[str, str]) -> None:
        assert set(addresses) == set(FUNCTIONS)
        assert all(fake.traffic(name) == OLD for name in FUNCTIONS)
        raise SmokeFailed("the dashboard is empty")

    with pytest.raises(SentBack, match="the dashboard is empty"):
        second(replace(platform, probe=fails))
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)
    assert job_image(fake) == "job@sha256:1"


def test_errors_of_one_function_send_all_back_at_once(
    platform: Platform, fake: FakeCloudRun, monitoring: FakeMonitoring, clock: Clock
) -> None:
    bad = {"products-2": Counts(100, 3, 50)}
    clock.at[130] = lambda: setattr(monitoring, "counts", lambda revision: bad.get(revision, Counts(100, 0, 50)))
    with pytest.raises(SentBack, match="products: 3 errors in 100 requests, at most 1 are allowed"):
        second(platform)
    assert (clock.now - clock.start).total_seconds() == 150
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)
    assert job_image(fake) == "job@sha256:1"


@pytest.mark.parametrize("status", [200, 503])
def test_what_cannot_be_measured_goes_back_in_the_end(
    platform: Platform, fake: FakeCloudRun, monitoring: FakeMonitoring, clock: Clock, status: int
) -> None:
    monitoring.counts, monitoring.status = (lambda _: Counts()), status
    with pytest.raises(SentBack, match="0 requests, at least 20 are needed"):
        second(platform)
    assert (clock.now - clock.start).total_seconds() == platform.limits.patience_s
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


def test_a_rollout_that_was_killed_goes_on_where_all_functions_are(
    platform: Platform, fake: FakeCloudRun, clock: Clock
) -> None:
    """Killed between the updates of two functions; the rollback of the dying process is killed as well."""

    def killed_at_25_percent(name: str) -> None:
        if name.endswith("/products") and fake.traffic("auth") == {"1": 75, "2": 25}:
            fake.before_update = refuse
            refuse(name)

    def refuse(_: str) -> None:
        raise Refused(grpc.StatusCode.UNAVAILABLE, "killed")

    fake.before_update = killed_at_25_percent
    with pytest.raises(GoogleAPICallError):
        second(platform)
    assert [fake.traffic(name) for name in FUNCTIONS] == [{"1": 75, "2": 25}, {"1": 95, "2": 5}]

    fake.before_update = lambda _: None
    began, seen = clock.now, list[dict[str, int]]()
    clock.at[(began - clock.start).total_seconds() + 30] = lambda: seen.append(fake.traffic("auth"))
    second(platform)
    assert seen == [{"1": 95, "2": 5}]
    assert all(fake.traffic(name) == NEW for name in FUNCTIONS)
    roll_back(platform)
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)


def test_a_release_that_was_rolled_out_is_watched_once_more_without_losing_traffic(
    platform: Platform, fake: FakeCloudRun
) -> None:
    second(platform)
    before = fake.updates
    second(platform)
    assert fake.updates == before
    roll_back(platform)
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)


def test_one_command_goes_back_and_its_repetition_changes_nothing(platform: Platform, fake: FakeCloudRun) -> None:
    second(platform)
    assert roll_back(platform) == [*FUNCTIONS, "forecast-job"]
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)
    assert job_image(fake) == "job@sha256:1"
    assert roll_back(platform) == []
    with pytest.raises(RolloutRefused, match="auth: revision auth-2 was sent back before"):
        second(platform)


def test_a_function_that_cannot_be_sent_back_holds_up_no_other(platform: Platform, fake: FakeCloudRun) -> None:
    def refuse_auth(name: str) -> None:
        if name.endswith("/auth"):
            raise Refused(grpc.StatusCode.UNAVAILABLE, "away")

    second(platform)
    fake.before_update = refuse_auth
    with pytest.raises(GoogleAPICallError, match="away"):
        roll_back(platform)
    assert [fake.traffic(name) for name in FUNCTIONS] == [NEW, OLD]
    fake.before_update = lambda _: None
    assert roll_back(platform) == ["auth", "forecast-job"]


def test_a_rollback_takes_back_the_last_release_only(platform: Platform, fake: FakeCloudRun) -> None:
    second(platform)
    fake.deploy("products")
    roll_out(platform, "third", "job@sha256:2", can_sign_in=True)
    roll_back(platform)
    assert [fake.traffic(name) for name in FUNCTIONS] == [NEW, NEW]
    assert job_image(fake) == "job@sha256:2"


def test_a_release_that_is_deployed_again_changes_only_what_has_another_revision(
    platform: Platform, fake: FakeCloudRun, clock: Clock
) -> None:
    """As for other keys: the images are the same, and auth alone is told of another version of its secret."""
    second(platform)
    fake.deploy("auth")
    seen: list[dict[str, int]] = []
    clock.at[(clock.now - clock.start).total_seconds() + 30] = lambda: seen.append(fake.traffic("products"))
    second(platform)
    assert seen == [NEW]
    assert [fake.traffic(name) for name in FUNCTIONS] == [{"3": 100}, NEW]
    roll_back(platform)
    assert [fake.traffic(name) for name in FUNCTIONS] == [NEW, NEW]
    assert job_image(fake) == "job@sha256:2"


def test_nothing_moves_while_nobody_can_sign_in(platform: Platform, fake: FakeCloudRun) -> None:
    with pytest.raises(RolloutRefused, match="stockcast-smoke-user has no version"):
        roll_out(platform, "second", "job@sha256:2", can_sign_in=False)
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)


def test_a_revision_that_does_not_start_is_not_tried(platform: Platform, fake: FakeCloudRun) -> None:
    fake.deploy("products", starts=False)
    with pytest.raises(RolloutRefused, match="products: revision products-3 could not be started"):
        second(platform)
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)


def test_what_another_hand_changes_meanwhile_is_not_overwritten(platform: Platform, fake: FakeCloudRun) -> None:
    def meddle(name: str) -> None:
        if name.endswith("/forecast-job"):
            return
        fake.before_update = lambda _: None
        fake.services[name].etag += "0"

    fake.before_update = meddle
    with pytest.raises(GoogleAPICallError, match="changed meanwhile"):
        second(platform)
    assert all(fake.traffic(name) == OLD for name in FUNCTIONS)
