"""What a migration is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from shared.bigquery.tables import Table
from shared.firestore.rewriting import Change
from shared.firestore.tenant import Tenant


@dataclass(frozen=True)
class CollectionChange:
    """Every document of this collection of every client, or only `document` of it, gets the fields of `change`."""

    name: str
    change: Change
    document: str | None = None

    def __str__(self) -> str:
        return f"documents of {self.name}{f'/{self.document}' if self.document else ''}"


@dataclass(frozen=True)
class TableAddition:
    """A table, or these columns of it, as shared/bigquery/tables.py has them. Only what may be null is added."""

    table: Table
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"columns of {self.table.name}" if self.columns else f"table {self.table.name}"


@dataclass(frozen=True)
class ClientWork:
    """Whatever else is done of a client: `do` returns what it changed, or would with the dry run that it is told of."""

    what: str
    do: Callable[[Tenant, dt.datetime, bool], int]

    def __str__(self) -> str:
        return self.what


Step = CollectionChange | TableAddition | ClientWork


@dataclass(frozen=True)
class Migration:
    """The steps to a version. Each may be done twice: what has its new shape already stays as it is."""

    version: int
    name: str
    steps: tuple[Step, ...]
