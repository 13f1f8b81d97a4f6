"""`python -m infra.migrate [--dry-run] [--to N]`: brings the stored data to the version of this build.

Of the project that GOOGLE_CLOUD_PROJECT names (its emulators with FIRESTORE_EMULATOR_HOST and BIGQUERY_EMULATOR_HOST).
A deployment runs it after `terraform apply`, before traffic, and `--again N` when all traffic has moved; what a
migration may do beside the code of before: docs/adr/0018. Safe to be killed and repeated; two at once are refused.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import socket
import subprocess
import sys
import uuid

from infra.local.stack.process import PROJECT
from infra.migrations.run import Migrator, UnknownVersionError, stored_version
from infra.migrations.tables import NotAdditiveError, check
from infra.migrations.versions import NEWEST
from shared.config import Config, ConfigurationError
from shared.firestore.driver import database
from shared.firestore.schema import MigrationRunningError, Schema

_REFUSED = 1
_TO_DO = 3  # of a dry run: there is something to do


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.migrate", description=__doc__.partition("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="say what would change; the status is 3 where anything")
    parser.add_argument("--to", type=int, default=NEWEST, metavar="N", help=f"the version to reach (default: {NEWEST})")
    parser.add_argument("--again", type=int, metavar="N", help="do the steps of the versions above N once more")
    parser.add_argument("--status", action="store_true", help="say what was applied, and by which build")
    given = parser.parse_args()
    try:
        config = Config.from_env({"STOCKCAST_FUNCTION_URL": "-", **os.environ})
        if given.status:
            return _status(config)
        migrator = Migrator(config, _holder(), build(), lambda: dt.datetime.now(dt.UTC))
        lacking = set(check(config))  # before anything is changed: what cannot be added stops the deployment
        outcomes = migrator.migrate(given.to, dry_run=given.dry_run, again=given.again)
        changed = sum(outcome.changed for outcome in outcomes)
        if given.dry_run:
            print(f"{changed} changes to make")
            return _TO_DO if changed else 0
        lacking = set(check(config))
    except (ConfigurationError, MigrationRunningError, NotAdditiveError, UnknownVersionError) as error:
        print(error, file=sys.stderr)
        return _REFUSED
    print(f"{changed} changes made; the stored data has version {stored_version(Schema(database(config)))}")
    if lacking and given.to == NEWEST:
        print(f"the dataset lacks {', '.join(sorted(lacking))}, which no migration adds", file=sys.stderr)
        return _REFUSED
    return 0


def build() -> str:
    """Which code this is: the commit that BUILD_ID's environment names, or that of the checkout."""
    named = os.environ.get("COMMIT_SHA") or os.environ.get("SHORT_SHA")
    if named:
        return named
    command = ["git", "rev-parse", "--short", "HEAD"]
    shown = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603
    return shown.stdout.strip() or "unknown"


def _holder() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


def _status(config: Config) -> int:
    schema = Schema(database(config))
    state = schema.state()
    if state is None and schema.is_empty():
        print("nothing is stored yet")
        return 0
    # infra/delivery/deploy.sh reads the number, to do once more what is above it.
    print(f"version {stored_version(schema)} of {NEWEST}{', which no migration has recorded' if state is None else ''}")
    for applied in schema.versions().values():
        took = "not finished" if applied.finished_at is None else f"{applied.seconds:.1f} s"
        print(f"  {applied.version}  {applied.started_at:%Y-%m-%d %H:%M}  {took}  {applied.build}  {applied.name}")
        for step, changed in applied.changed.items():
            print(f"       {step}: {changed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
