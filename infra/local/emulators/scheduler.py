"""A small Cloud Scheduler: calls the endpoints of infra/terraform/schedules.json when they are due."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.local.emulators.oidc import TokenIssuer
from shared.config import Config

_SCHEDULES = Path(__file__).parents[2] / "terraform" / "schedules.json"


@dataclass(frozen=True)
class Schedule:
    """POST to `path` of `function` at the minutes that `cron` names, in UTC."""

    name: str
    cron: str
    function: str
    path: str
    deadline_s: float


def read_schedules(file: Path = _SCHEDULES) -> list[Schedule]:
    """The schedules that the cloud has."""
    return [
        Schedule(name, one["schedule"], one["function"], one["path"], float(one["deadline_seconds"]))
        for name, one in json.loads(file.read_text()).items()
    ]


def is_due(cron: str, moment: dt.datetime) -> bool:
    """Whether a schedule of five fields, each a number, `*` or `*/n`, names this minute; ValueError for other forms."""
    fields = cron.split()
    now = (moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7)
    if len(fields) != len(now):
        raise ValueError(f"{cron!r} has not five fields")
    return all(_names(field, value) for field, value in zip(fields, now, strict=True))


def _names(field: str, value: int) -> bool:
    every, _, step = field.partition("/")
    if every == "*":
        return value % int(step or 1) == 0
    return int(field) == value


def call(config: Config, issuer: TokenIssuer, schedule: Schedule) -> int:
    """Send the request with the task account's token; returns the status of the answer, 0 without any.

    A failure is printed; the next minute is its retry.
    """
    audience = config.url_of(schedule.function)
    url = urlsplit(f"{audience}{schedule.path}")
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=schedule.deadline_s)
    token = issuer.token(config.task_service_account, audience)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "User-Agent": "Google-Cloud-Scheduler",
    }
    try:
        connection.request("POST", url.path, b"{}", headers)
        status = connection.getresponse().status
        if status >= 300:
            print(f"schedule {schedule.name}: answered with {status}", flush=True)
    except (OSError, http.client.HTTPException) as error:
        print(f"schedule {schedule.name}: {type(error).__name__}: {error}", flush=True)
        return 0
    finally:
        connection.close()
    return status


def run(schedules: list[Schedule], send: Callable[[Schedule], None], stopped: threading.Event) -> None:
    """Wake at every full minute and send what is due, until stopped."""
    while True:
        now = dt.datetime.now(dt.UTC)
        minute = now.replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
        if stopped.wait((minute - now).total_seconds()):
            return
        for schedule in schedules:
            if is_due(schedule.cron, minute):
                send(schedule)
