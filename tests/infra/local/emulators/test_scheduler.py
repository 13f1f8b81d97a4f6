from __future__ import annotations

import datetime as dt

import pytest
import requests

from infra.local.emulators.oidc import TokenIssuer
from infra.local.emulators.scheduler import Schedule, call, is_due, read_schedules
from infra.local.stack.cloud_services import CloudServices
from shared.config import Config
from tests.support.receiver import Receiver

MOMENT = dt.datetime(2026, 11, 22, 5, 30, tzinfo=dt.UTC)  # a Sunday


@pytest.mark.parametrize(
    ("cron", "due"),
    [
        ("* * * * *", True),
        ("30 5 * * *", True),
        ("30 5 22 11 0", True),
        ("*/5 * * * *", True),
        ("*/7 * * * *", False),
        ("31 5 * * *", False),
        ("30 6 * * *", False),
        ("30 5 * * 1", False),
        ("30 5 23 * *", False),
    ],
)
def test_due(cron: str, due: bool) -> None:
    assert is_due(cron, MOMENT) is due


@pytest.mark.parametrize("cron", ["*/x * * * *", "1-5 * * * *", "* * * *", "every minute"])
def test_forms_that_are_not_understood_are_refused(cron: str) -> None:
    with pytest.raises(ValueError):
        is_due(cron, MOMENT)


def test_every_schedule_of_the_cloud_is_understood() -> None:
    schedules = read_schedules()
    assert "drain-outbox" in {schedule.name for schedule in schedules}
    for schedule in schedules:
        is_due(schedule.cron, MOMENT)


def test_calls_the_function_with_the_task_accounts_token(receiver: Receiver, cloud_config: Config) -> None:
    config = Config.from_env(
        {
            "GOOGLE_CLOUD_PROJECT": "p",
            "STOCKCAST_FUNCTION_URL": receiver.url("/api/v1/{function}"),
            "STOCKCAST_JWT_KEYS": '{"a": "' + "x" * 32 + '"}',
        }
    )
    call(config, TokenIssuer("https://issuer"), Schedule("drain", "* * * * *", "operations", "/internal/drain", 5.0))
    (request,) = receiver.received
    assert request.path == "/api/v1/operations/internal/drain"
    assert request.headers["Authorization"].startswith("Bearer ")


def test_a_function_that_is_down_is_reported_not_raised(
    capsys: pytest.CaptureFixture[str], cloud_config: Config
) -> None:
    call(cloud_config, TokenIssuer("https://issuer"), Schedule("drain", "* * * * *", "operations", "/x", 5.0))
    assert "schedule drain: ConnectionRefusedError" in capsys.readouterr().out


def test_a_job_can_be_called_now(cloud: CloudServices) -> None:
    """As `gcloud scheduler jobs run`; nobody listens where the functions are."""
    response = requests.post(f"{cloud.scheduler_url}/daily-run:run", timeout=10)
    assert (response.status_code, response.json()) == (200, {"status": 0})
    assert requests.post(f"{cloud.scheduler_url}/nothing:run", timeout=10).status_code == 404
