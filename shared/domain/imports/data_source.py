"""A source: a database of the client's that imports read, and what is read from it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.domain.dates import DateRange
from shared.domain.errors import InvalidField, NotFound
from shared.domain.imports.given_mapping import ColumnName, GivenMapping, mapping_text
from shared.domain.imports.read_only_query import MAX_QUERY_LENGTH
from shared.domain.imports.sync_windows import moved_watermark

_SOURCE_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "sqlite": "sqlite",
}
_PORTS = {"postgresql+psycopg": 5432, "mysql+pymysql": 3306}
# Others could name a second host, a file or a service, past the address that is checked.
_OPTIONS = {"postgresql+psycopg": {"sslmode"}, "mysql+pymysql": {"charset", "ssl_mode"}, "sqlite": set[str]()}


class SourceNotFound(NotFound):
    """The client has no such source."""

    code = "source_not_found"

    def __init__(self, source_id: str) -> None:
        super().__init__(f"no source {source_id!r}")


class UnusableSourceUrl(InvalidField):
    """A source's URL is of no database that is read, lacks a part, or holds a password."""

    code = "unusable_source_url"


class EntityNotOfSource(NotFound):
    """The source has no such records."""

    code = "entity_not_of_source"


class Entity(BaseModel):
    """What is read from a source: a table or a query, and which of its columns are our fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str | None = Field(
        None, min_length=1, max_length=300, description="A table or view, with its schema or not: `sales.lines`."
    )
    query: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_QUERY_LENGTH,
        description="In place of a table: one query that reads. Of sales, `:start_date` and `:end_date` (both "
        "included) stand for the days to read; without them the column of `date_local` is filtered.",
    )
    mapping: GivenMapping = Field(
        default_factory=dict,
        description="Which column each field is read from, as in the mapping of an import: a column's name, or an "
        "object of column, values, default or constant; `exclude` lists the records to leave out.",
    )
    aggregate: Literal["none", "invoice_lines"] | None = Field(
        None, description="`invoice_lines`: sales are invoice lines, to be summed per day. Default: found."
    )
    time_zone: str | None = Field(
        None, max_length=100, description="In which the source writes times without an offset. Default: the client's."
    )
    overlap_days: int = Field(
        7, ge=0, le=366, description="Days of sales before the watermark to read again, for late corrections."
    )
    key: list[ColumnName] | None = Field(
        None,
        min_length=1,
        max_length=5,
        description="Columns, unique together and never null, to read page by page. Default: one stream.",
    )

    def mapping_text(self) -> str:
        """The mapping as the JSON that an import takes."""
        return mapping_text(self.mapping)

    @model_validator(mode="after")
    def _one_origin(self) -> Entity:
        if (self.table is None) == (self.query is None):
            raise ValueError("give either `table` or `query`")
        return self


EntityKind = Literal[
    "sales-history", "products", "stock-levels", "committed", "locations", "suppliers", "product-suppliers"
]


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    schedule: Literal["daily", "manual"] = Field("daily", description="Whether the daily run reads it.")
    entities: dict[EntityKind, Entity] = Field(
        min_length=1, max_length=7, description="What is read, by kind of records."
    )
    timeout_seconds: int = Field(600, ge=1, le=1500, description="How long one query may take.")


class SqlSource(_Source):
    """A PostgreSQL or MySQL database."""

    kind: Literal["sql"]
    url: str = Field(
        max_length=1000,
        description="Such as postgresql+psycopg://reader@db.example.com:5432/erp: with a user, without a password.",
    )
    secret: str | None = Field(None, max_length=63, description="The name of the secret that is the user's password.")


class BigQuerySource(_Source):
    """A dataset in BigQuery, of this project or another one."""

    kind: Literal["bigquery"]
    project: str = Field(min_length=1, max_length=100, description="The project that holds the dataset.")
    dataset: str = Field(min_length=1, max_length=1024, pattern=r"^\w+$", description="For tables without a dataset.")
    location: str | None = Field(None, max_length=50, description="Where the dataset is. Default: our region.")
    maximum_bytes_billed: int = Field(
        50 * 1024**3, ge=10 * 1024**2, le=10 * 1024**4, description="More than these bytes no query may read."
    )


Source = Annotated[SqlSource | BigQuerySource, Field(discriminator="kind")]


@dataclass(frozen=True)
class NamedSource:
    """A source of a client, by its id."""

    source_id: str
    source: SqlSource | BigQuerySource

    def entity(self, kind: str) -> Entity:
        """What is read for these records; raises EntityNotOfSource."""
        found = self.source.entities.get(kind)  # type: ignore[call-overload]
        if found is None:
            raise EntityNotOfSource(
                f"source {self.source_id!r} has no {kind}; it has {', '.join(sorted(self.source.entities))}"
            )
        return found


@dataclass(frozen=True)
class EntityProgress:
    """How far one kind of records of a source has come.

    `watermark`: up to this day all sales are stored. `columns`: those that the last run found, with their types.
    """

    run_id: str | None = None
    watermark: dt.date | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def stored(self, window: DateRange, today: dt.date, *, from_start: bool) -> EntityProgress:
        """With the sales of this window stored."""
        return replace(self, watermark=moved_watermark(self.watermark, window, today, from_start=from_start))


@dataclass(frozen=True)
class SourceProgress:
    """How far each kind of records of a source has come."""

    source_id: str
    entities: Mapping[str, EntityProgress] = field(default_factory=dict)

    def of(self, kind: str) -> EntityProgress:
        return self.entities.get(kind, EntityProgress())

    def changed(self, kind: str, progress: EntityProgress) -> SourceProgress:
        return replace(self, entities={**self.entities, kind: progress})


@dataclass(frozen=True)
class DatabaseUrl:
    """Where a database is, without who may enter. Of SQLite `database` is the file, and there is no host."""

    driver: str
    host: str
    port: int
    user: str | None
    database: str
    options: Mapping[str, str]


def is_source_id(text: str) -> bool:
    """Whether a source may be called so: lower-case letters, digits, hyphens and underscores, at most 63."""
    return _SOURCE_ID.fullmatch(text) is not None


def database_url(url: str, pointer: str) -> DatabaseUrl:
    """The parts of a source's URL; raises UnusableSourceUrl at the pointer, and never repeats a password."""
    try:
        parts = urlsplit(url)
        port, password = parts.port, parts.password
    except ValueError:
        raise UnusableSourceUrl(pointer, "this is no URL: postgresql+psycopg://user@host:5432/database") from None
    driver = _DRIVERS.get(parts.scheme)
    if driver is None:
        raise UnusableSourceUrl(
            pointer,
            f"the URL begins with {parts.scheme[:30]!r}; allowed: postgresql+psycopg, mysql+pymysql, and sqlite where "
            "the deployment allows files",
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if password is not None or any("pass" in name.lower() for name in options):
        raise UnusableSourceUrl(
            pointer, "the URL holds a password, which would be stored: leave it out, and name a `secret` that holds it"
        )
    if unknown := sorted(options.keys() - _OPTIONS[driver]):
        allowed = ", ".join(sorted(_OPTIONS[driver])) or "none"
        raise UnusableSourceUrl(pointer, f"the URL has the option {unknown[0][:50]!r}; allowed: {allowed}")
    if driver == "sqlite":
        if parts.netloc or not parts.path.startswith("//") or len(parts.path) < 3:
            raise UnusableSourceUrl(pointer, "of SQLite give the file by its whole path: sqlite:////folder/file.db")
        return DatabaseUrl(driver, "", 0, None, unquote(parts.path[1:]), options)
    database = unquote(parts.path[1:])
    if not parts.hostname or not parts.username or not database:
        raise UnusableSourceUrl(
            pointer, f"the URL must name a user, a host and a database: {driver}://user@host:{_PORTS[driver]}/database"
        )
    return DatabaseUrl(driver, parts.hostname, port or _PORTS[driver], unquote(parts.username), database, options)
