"""`python -m infra.local.tick`: the scheduler's daily call on the running local stack, followed until its runs end.

The call is Cloud Scheduler's own: with the task account's token, at the address and with the path of
infra/terraform/schedules.json. What it starts is read from Firestore.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from infra.local.stack.process import PROJECT
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.etl_run import STARTS_AT, daily_run_id, due
from shared.domain.operation import Operation, OperationStatus, RunStep
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.tasks.operations import Operations

_SCHEDULE = "daily-run"
_LOOKS_EVERY_S = 0.5
_PATIENCE_S = 3600.0
_CALL_TIMEOUT_S = 330.0


class TickError(RuntimeError):
    """There is no stack to call, or the call failed; the message says which."""


@dataclass(frozen=True)
class DayOf:
    """A client and its run of the day."""

    client: Client
    run_id: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local.tick", description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=PROJECT / ".local", help="of the local stack")
    try:
        return tick(parser.parse_args().folder, dt.datetime.now(dt.UTC), print)
    except TickError as error:
        print(error, file=sys.stderr)
        return 1


def tick(folder: Path, now: dt.datetime, say: Callable[[str], object]) -> int:
    """Call, and follow; returns the exit status: 0 when every run of the day has succeeded."""
    description = folder / "stack.json"
    if not description.exists():
        raise TickError(f"no local stack runs with its data in {folder}: start it with `make run`")
    stack = json.loads(description.read_text())
    config = Config.from_env({"STOCKCAST_FUNCTION_URL": "-", **stack["firestore"]})
    _call(stack["scheduler"])
    days: list[DayOf] = []
    for client in Clients(database(config)).active():
        if (day := due(client, now)) is None:
            clock = now.astimezone(ZoneInfo(client.timezone))
            say(f"{client.client_id}: it is {clock:%H:%M} there; the run of {clock.date()} is due at {STARTS_AT:%H:%M}")
        else:
            days.append(DayOf(client, daily_run_id(day)))
    succeeded = [_followed(config, each, say) for each in days]
    return 0 if all(succeeded) else 1


def lines(before: Sequence[RunStep], run: Operation) -> Iterator[str]:
    """What has changed since the steps were seen last, one line a step."""
    for number, step in enumerate(run.steps):
        if number >= len(before) or before[number] != step:
            if step.status is OperationStatus.PENDING:
                continue
            of = "" if step.source_id is None else f" of {step.source_id}"
            again = "" if step.attempts < 2 else f" (attempt {step.attempts})"
            yield f"{step.name}{of}: {step.status}{again}   {step.operation_id}"


def _call(scheduler: str) -> None:
    url = urlsplit(f"{scheduler}/{_SCHEDULE}:run")
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=_CALL_TIMEOUT_S)
    try:
        connection.request("POST", url.path)
        answer = connection.getresponse()
        status = json.loads(answer.read() or b"{}").get("status") if answer.status == 200 else answer.status
    except (OSError, http.client.HTTPException) as error:
        raise TickError(f"the local scheduler does not answer at {scheduler}: {error}") from error
    finally:
        connection.close()
    if status != 200:
        raise TickError(f"the daily call was answered with {status}: see the logs of worker and cloud servers")


def _followed(config: Config, day: DayOf, say: Callable[[str], object]) -> bool:
    """Say what happens in the run until it ends; whether it has succeeded."""
    operations = Operations(Tenant(database(config), day.client.client_id))
    run = operations.find(day.run_id)
    if run is None:
        say(f"{day.client.client_id}: {day.run_id} waits for another run of the client to end")
        return False
    say(f"{day.client.client_id}: {day.run_id}")
    seen: tuple[RunStep, ...] = ()
    give_up_at = time.monotonic() + _PATIENCE_S
    while True:
        for line in lines(seen, run):
            say(f"  {line}")
        seen = run.steps
        if run.finished:
            break
        if time.monotonic() > give_up_at:
            say("  not ended within the hour")
            return False
        time.sleep(_LOOKS_EVERY_S)
        run = operations.get(day.run_id)
    took = "" if run.finished_at is None else f" after {(run.finished_at - run.created_at).total_seconds():.0f} s"
    say(f"  {run.status}{took}" + ("" if run.error is None else f": {run.error['detail']}"))
    return run.status is OperationStatus.SUCCEEDED


if __name__ == "__main__":
    sys.exit(main())
