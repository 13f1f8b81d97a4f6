"""Which shape the stored data has: `schema/state` and `schema/version-N`.

What a migration is, and which there are: infra/migrations. Not tenant-scoped: a migration is of all clients.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from shared.firestore.codec import Codec, held
from shared.firestore.repository import Documents
from shared.firestore.transaction import Transaction, transact

if TYPE_CHECKING:
    from google.cloud.firestore import Client

_STATE = "state"
LEASE = dt.timedelta(seconds=60)


class MigrationRunningError(RuntimeError):
    """Another run holds the lease; the message says until when."""


@dataclass(frozen=True)
class SchemaState:
    """The version of the stored data, and who may change it until when."""

    version: int
    holder: str | None = None
    held_until: dt.datetime | None = None


@dataclass(frozen=True)
class AppliedVersion:
    """One version: which build brought it, when, and how many documents or columns it changed.

    `finished_at` of None: its last attempt was killed, or still runs. `changed` is that of the last attempt.
    """

    version: int
    name: str
    build: str
    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    seconds: float | None = None
    attempts: int = 1
    changed: Mapping[str, int] = field(default_factory=dict)


class Schema:
    """The state of the schema, and its lease: two migrations at once would count and record each other's work."""

    def __init__(self, database: Client) -> None:
        collection = database.collection("schema")
        self._database = database
        self._states = Documents(database, collection, _STATE_CODEC)
        self._versions = Documents(database, collection, _VERSION_CODEC)

    def state(self) -> SchemaState | None:
        """The state; None where no migration has looked yet. One read."""
        stored = self._states.find(_STATE)
        return None if stored is None else stored.value

    def is_empty(self) -> bool:
        """Whether there is neither a client nor a user: an installation that nothing was stored in. Two reads."""
        return not any(
            any(True for _ in self._database.collection(name).limit(1).stream()) for name in ("clients", "users")
        )

    def take(self, holder: str, version: int, now: dt.datetime) -> SchemaState:
        """Take the lease, with `version` where no state is stored yet; raises MigrationRunningError."""

        def write(transaction: Transaction) -> SchemaState:
            stored = self._states.find(_STATE, transaction)
            state = SchemaState(version) if stored is None else stored.value
            if state.holder not in (None, holder) and state.held_until is not None and now < state.held_until:
                raise MigrationRunningError(
                    f"{state.holder} migrates this installation until {state.held_until.isoformat()} at least; a run "
                    "that was killed is taken over after that"
                )
            taken = SchemaState(state.version, holder, now + LEASE)
            self._states.put(transaction, taken)
            return taken

        return transact(self._database, write, queue="schema")

    def keep(self, holder: str, now: dt.datetime) -> None:
        """Renew the lease; raises MigrationRunningError where another run has taken it over."""
        self._change(holder, lambda state: SchemaState(state.version, holder, now + LEASE))

    def reached(self, holder: str, version: int) -> None:
        """The stored data has this version from now on; raises MigrationRunningError as `keep` does."""
        self._change(holder, lambda state: SchemaState(version, state.holder, state.held_until))

    def give_back(self, holder: str) -> None:
        self._change(holder, lambda state: SchemaState(state.version))

    def versions(self) -> dict[int, AppliedVersion]:
        """What is recorded of each version that was begun."""
        versions = (entry for entry in self._versions.collection.stream() if entry.id != _STATE)
        applied = [self._versions.value(snapshot) for snapshot in versions]
        return {version.version: version for version in sorted(applied, key=lambda version: version.version)}

    def record(self, version: AppliedVersion) -> None:
        self._versions.put_now(version)

    def _change(self, holder: str, to: Callable[[SchemaState], SchemaState]) -> None:
        def write(transaction: Transaction) -> None:
            stored = self._states.find(_STATE, transaction)
            if stored is None or stored.value.holder != holder:
                raise MigrationRunningError("another run has taken this migration over: it took longer than its lease")
            self._states.put(transaction, to(stored.value))

        transact(self._database, write, queue="schema")


_STATE_CODEC = Codec[SchemaState](
    lambda _: _STATE,
    asdict,
    lambda fields: SchemaState(**held(fields, SchemaState)),
)
_VERSION_CODEC = Codec[AppliedVersion](
    lambda version: f"version-{version.version}",
    lambda version: asdict(version) | {"changed": dict(version.changed)},
    lambda fields: AppliedVersion(**held(fields, AppliedVersion)),
)
