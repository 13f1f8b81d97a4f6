"""`python -m infra.delivery COMMAND`: rollout, rollback, smoke, gate.

Project and region come from GOOGLE_CLOUD_PROJECT and STOCKCAST_REGION, credentials from the environment (`gcloud auth
application-default login`, or the account of the build). docs/operations.md says when to run what.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from infra.delivery import scan
from infra.delivery.decision import Limits
from infra.delivery.metrics import Metrics
from infra.delivery.rollout import Platform, RolloutRefused, SentBack, roll_back, roll_out
from infra.delivery.smoke import Probe, SmokeFailed, probe_of

if TYPE_CHECKING:
    import requests

JOB = "forecast-job"
FUNCTIONS: tuple[str, ...] = tuple(json.loads((Path(__file__).parents[1] / "terraform" / "functions.json").read_text()))
IMAGES = (*FUNCTIONS, JOB, "delivery")  # as cloudbuild.yaml builds them


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stopped)  # a cancelled build sends its traffic back
    try:
        return int(given.run(given))
    except (RolloutRefused, SentBack, SmokeFailed, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _rollout(given: argparse.Namespace) -> int:
    from google.cloud import run_v2

    from infra.delivery.google import authorized_session, job_probe, smoke_user

    images = json.loads(given.images.read_text())
    project, region, session = _variable("GOOGLE_CLOUD_PROJECT"), _variable("STOCKCAST_REGION"), authorized_session()
    user = smoke_user(project, session)
    probe = probe_of(user)
    if given.smoke_job:
        probe = job_probe(f"projects/{project}/locations/{region}/jobs/{given.smoke_job}", run_v2.JobsClient())
    platform = _platform(session, probe, Limits(watch_s=given.watch_seconds))
    roll_out(platform, given.release, images[JOB], can_sign_in=user is not None, again=given.again)
    return 0


def _rollback(given: argparse.Namespace) -> int:
    from infra.delivery.google import authorized_session

    if not roll_back(_platform(authorized_session(), probe_of(None))):
        print("nothing to change: everything serves what served before the last rollout")
    return 0


def _smoke(given: argparse.Namespace) -> int:
    from infra.delivery.google import authorized_session, smoke_user

    user = smoke_user(_variable("GOOGLE_CLOUD_PROJECT"), authorized_session())
    probe_of(user)(json.loads(given.addresses))
    print("the functions are well" if user is None else "the walk is passed")
    return 0


def _gate(given: argparse.Namespace) -> int:
    accepted = frozenset(name for name in given.accepted.split(",") if name)
    return scan.check(given.folder, IMAGES, given.severity, accepted)


def _platform(session: requests.Session, probe: Probe, limits: Limits | None = None) -> Platform:
    from infra.delivery.google import cloud_run_of

    project, region = _variable("GOOGLE_CLOUD_PROJECT"), _variable("STOCKCAST_REGION")
    return Platform(
        cloud_run=cloud_run_of(project, region),
        metrics=Metrics(project, session),
        probe=probe,
        functions=FUNCTIONS,
        job=JOB,
        now=lambda: dt.datetime.now(dt.UTC),
        sleep=time.sleep,
        limits=limits or Limits(),
    )


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ValueError(f"{name} is not set: it names what to work on")
    return value


def _stopped(*_: object) -> NoReturn:
    raise SystemExit(143)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.delivery", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    rollout = commands.add_parser("rollout", help="try the newest revisions and bring them to all traffic, or back")
    rollout.add_argument("--release", required=True, help="its name, as the build gave it")
    rollout.add_argument("--images", type=Path, required=True, help="images.json of the release")
    rollout.add_argument("--watch-seconds", type=float, default=Limits.watch_s, help="how long each step lasts")
    rollout.add_argument(
        "--smoke-job", default="", help="the job that walks, where functions are not reachable from here"
    )
    rollout.add_argument("--again", action="store_true", help="try revisions that were sent back before")
    rollout.set_defaults(run=_rollout)
    rollback = commands.add_parser("rollback", help="all traffic to what served before the last rollout, at once")
    rollback.set_defaults(run=_rollback)
    smoke = commands.add_parser("smoke", help="walk through functions at given addresses")
    smoke.add_argument("addresses", help='{"auth": "https://.../api/v1", ...}')
    smoke.set_defaults(run=_smoke)
    gate = commands.add_parser("gate", help="refuse images with vulnerabilities that have a fix")
    gate.add_argument("folder", type=Path, help="of one IMAGE.json each, as list-vulnerabilities prints it")
    gate.add_argument("--severity", choices=scan.SEVERITIES, default="HIGH")
    gate.add_argument("--accepted", default="", help="CVE-...,CVE-...: known, and judged not to matter here")
    gate.set_defaults(run=_gate)
    return parser


if __name__ == "__main__":
    sys.exit(main())
