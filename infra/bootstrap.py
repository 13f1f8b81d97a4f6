"""`python -m infra.bootstrap EMAIL`: makes the first administrator of the platform, who adds clients.

Of the project that GOOGLE_CLOUD_PROJECT names (its emulator with FIRESTORE_EMULATOR_HOST), or of the local stack that
runs. Safe to repeat. Without a password it prints a one-time token with which one is chosen; a password comes from
standard input or from STOCKCAST_ADMIN_PASSWORD, never from the command line, and is printed nowhere. In the cloud it
needs STOCKCAST_PASSWORD_PEPPERS, which auth alone may read: prefer the token.
"""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import json
import os
import secrets
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from functions.auth.password_hashes import hash_password
from functions.auth.schemas import email_address
from infra.local.stack.component import PEPPERS
from infra.local.stack.kept_secrets import kept_secrets
from infra.local.stack.process import PROJECT
from shared.config import Config, ConfigurationError
from shared.config import config as configured
from shared.domain.access.audit import Actor, AuditAction
from shared.domain.access.one_time_token import INVITATION_LIFETIME, OneTimeToken, issued, presented
from shared.domain.access.password import MIN_PASSWORD_LENGTH, check_password
from shared.domain.access.principal import PLATFORM_HOME, EmailTaken, Role
from shared.domain.access.user import User
from shared.domain.errors import InvalidField
from shared.firestore.audit import AuditLog
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction, transact
from shared.firestore.users import Users

_ACTOR = "bootstrap"


class BootstrapError(RuntimeError):
    """There is no administrator; the message says why."""


class Administrator(NamedTuple):
    """Who administers the platform now; `token` to choose a password with, None where there is one."""

    user_id: str
    made: bool
    token: str | None


def ensure_administrator(
    config: Config, email: str, password_hash: str | None, now: dt.datetime, *, reset: bool = False
) -> Administrator:
    """Make an administrator of this address, or find the one that there is.

    One who has a password keeps it, unless with `reset`. Raises EmailTaken for the address of a client's user.
    """
    users = Users(database(config))
    user_id, secret = uuid.uuid4().hex, secrets.token_urlsafe(32)
    token = issued(secret, secrets.token_urlsafe(16), now + INVITATION_LIFETIME)
    one_time = token if password_hash is None else None

    def write(transaction: Transaction) -> Administrator:
        known = users.by_email(email)
        if known is None:
            status = "invited" if password_hash is None else "active"
            new = User(user_id, email, password_hash, Role.ADMIN, PLATFORM_HOME, status, platform=True)
            users.add(transaction, replace(new, one_time_token=one_time))
            _audit(config, transaction, AuditAction.USER_CREATED, user_id, {"email": email}, now)
            return Administrator(user_id, True, _token(user_id, secret, one_time))
        stored = users.get(known.user_id, transaction).value
        if not stored.platform:
            raise EmailTaken(f"{email!r} is the address of a user of client {stored.client_id!r}; give another one")
        if stored.status != "invited" and not reset:
            return Administrator(stored.user_id, False, None)
        changed = (
            replace(stored, one_time_token=one_time) if password_hash is None else stored.with_password(password_hash)
        )
        users.replace(transaction, stored, changed, now)
        _audit(config, transaction, AuditAction.USER_CHANGED, stored.user_id, {"password": "reset"}, now)
        return Administrator(stored.user_id, False, _token(stored.user_id, secret, one_time))

    return transact(database(config), write)


def target(environ: Mapping[str, str], folder: Path) -> tuple[dict[str, str], str]:
    """The environment to work in, and the API's address where it is known. Raises BootstrapError without any."""
    no_function = {"STOCKCAST_FUNCTION_URL": "-"}  # none is called
    if environ.get("GOOGLE_CLOUD_PROJECT"):
        return {**no_function, **environ}, "https://.../api/v1"
    description = folder / "stack.json"
    if not description.exists():
        raise BootstrapError(
            f"no local stack runs with its data in {folder} (`make run ARGS=--no-demo`), and GOOGLE_CLOUD_PROJECT "
            "names no project: start the one or set the other"
        )
    stack = json.loads(description.read_text())
    peppers = {PEPPERS: environ.get(PEPPERS) or kept_secrets(folder, PEPPERS)}
    return {**no_function, **stack["firestore"], **peppers}, stack["base_url"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.bootstrap", description=__doc__.partition("\n")[0])
    parser.add_argument("email", help="of the administrator")
    parser.add_argument("--password-stdin", action="store_true", help="read a password from standard input")
    parser.add_argument("--reset", action="store_true", help="let an administrator who is there choose a new password")
    parser.add_argument("--folder", type=Path, default=PROJECT / ".local", help="of the local stack")
    given = parser.parse_args()
    try:
        environment, base_url = target(os.environ, given.folder)
        os.environ.update(environment)
        settings = configured()
        email = email_address(given.email)
        password = _password(given.password_stdin, email)
        password_hash = None if password is None else hash_password(settings, password)
        now = dt.datetime.now(dt.UTC)
        administrator = ensure_administrator(settings, email, password_hash, now, reset=given.reset)
    except (BootstrapError, ConfigurationError, EmailTaken, InvalidField, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    host = settings.firestore_emulator_host
    print(f"project {settings.project_id} ({'Google Cloud' if host is None else f'emulator {host}'})")
    print(f"{email} {'is now' if administrator.made else 'is'} an administrator of the platform")
    if administrator.token is not None:
        body = json.dumps({"token": administrator.token, "new_password": "..."})
        print(f"choose a password of {MIN_PASSWORD_LENGTH} characters or more within 7 days; the token works once:")
        print(f"  curl {base_url}/auth/password-reset -H 'Content-Type: application/json' -d '{body}'")
    return 0


def _password(from_stdin: bool, email: str) -> str | None:
    if from_stdin:
        given = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    else:
        given = os.environ.get("STOCKCAST_ADMIN_PASSWORD") or ""
        if not given:
            return None
    if len(given) < MIN_PASSWORD_LENGTH:
        raise BootstrapError(f"the password has {len(given)} characters; at least {MIN_PASSWORD_LENGTH} are needed")
    check_password(given, email, "/password")
    return given


def _token(user_id: str, secret: str, one_time: OneTimeToken | None) -> str | None:
    return None if one_time is None else presented(user_id, secret)


def _audit(
    config: Config,
    transaction: Transaction,
    action: AuditAction,
    user_id: str,
    after: dict[str, str],
    now: dt.datetime,
) -> None:
    log = AuditLog(Tenant(database(config), PLATFORM_HOME), config)
    log.add(transaction, Actor(_ACTOR, Role.ADMIN, now), action, user_id, after=after)


if __name__ == "__main__":
    sys.exit(main())
