"""What the endpoints of sources and syncs take and answer with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, RootModel

from shared.domain.imports.data_source import (
    BigQuerySource,
    Entity,
    EntityKind,
    EntityProgress,
    Source,
    SqlSource,
)
from shared.domain.operation import Operation, OperationStatus
from shared.http.app import BodyModel
from shared.http.operation_fields import CountsView
from shared.http.paging import PageEnvelope
from shared.imports.import_options import WriteMode

if TYPE_CHECKING:
    from functions.etl.sources import ShownSource


class SourcePath(BaseModel):
    source_id: Annotated[str, Field(min_length=1, max_length=200, description="The source's id, which you choose.")]


class SyncPath(BaseModel):
    kind: EntityKind = Field(description="What is read.")


class SourceBody(RootModel[Source]):
    """A database and what is read from it."""


class SyncBody(BodyModel):
    """What to read; nothing: all that is new."""

    source_id: str | None = Field(
        None, min_length=1, max_length=200, description="Default: the one source that has these records."
    )
    start_date: dt.date | None = Field(None, description="Of sales: the first day. Default: what is new.")
    end_date: dt.date | None = Field(None, description="Of sales: the last day, included. Default: today.")
    mode: WriteMode | None = Field(None, description="For sales and stock: `upsert` or `replace`.")
    dry_run: bool = Field(False, description="Check and count everything; write only the rejects.")
    accept_shrinkage: bool = Field(False, description="That the source has lost most of its records is meant.")


class LastRun(BaseModel):
    """The last sync of these records."""

    run_id: str = Field(description="Its id at /etl/runs/{run_id}.")
    status: OperationStatus = Field(description="How far it is, or how it ended.")
    created_at: dt.datetime = Field(description="When it was asked for.")
    finished_at: dt.datetime | None = Field(description="When it ended; null: it has not.")
    counts: CountsView | None = Field(description="Of its records, once they are read.")

    @classmethod
    def of(cls, operation: Operation) -> LastRun:
        counts = None if operation.counts is None else CountsView.model_validate(operation.counts)
        return cls(
            run_id=operation.id,
            status=operation.status,
            created_at=operation.created_at,
            finished_at=operation.finished_at,
            counts=counts,
        )


class EntityView(Entity):
    """What is read, and how far it has come."""

    watermark: dt.date | None = Field(None, description="Up to this day all sales are stored.")
    last_run: LastRun | None = Field(None, description="null: it was never read.")


class _ShownEntities(BaseModel):
    source_id: str = Field(description="The source's id.")
    entities: dict[EntityKind, EntityView] = Field(description="What is read, by kind of records.")


class SqlSourceView(_ShownEntities, SqlSource):
    """A PostgreSQL or MySQL database."""


class BigQuerySourceView(_ShownEntities, BigQuerySource):
    """A dataset in BigQuery."""


class SourceView(RootModel[Annotated[SqlSourceView | BigQuerySourceView, Field(discriminator="kind")]]):
    """A source, without secrets."""

    @classmethod
    def of(cls, shown: ShownSource) -> SqlSourceView | BigQuerySourceView:
        named = shown.source.value
        entities = {
            kind: entity.model_dump() | _progress_view(shown.progress.of(kind), shown.runs)
            for kind, entity in named.source.entities.items()
        }
        fields = named.source.model_dump() | {"source_id": named.source_id, "entities": entities}
        return cls.model_validate(fields).root


class SourcePage(PageEnvelope):
    items: list[SourceView]


class TestProblem(BaseModel):
    """What stands in the way of reading, or is wrong with a row."""

    code: str = Field(description="Stable; meant for programs.")
    field: str | None = Field(description="The field that is wrong; null: the whole.")
    row: int | None = Field(description="The row of the sample, from 1; null: all of it.")
    detail: str = Field(description="Meant for people.")


class TestedColumn(BaseModel):
    """A column of the source."""

    name: str = Field(description="Its name.")
    type: str = Field(description="What it holds.")


class TestedEntity(BaseModel):
    """What could be read of one kind of records."""

    readable: bool = Field(description="Whether the source could be read and every required field has a column.")
    columns: list[TestedColumn] = Field(description="The columns that the source has.")
    sample: list[dict[str, str | float | bool | None]] = Field(
        description="The first rows as they are understood, by field."
    )
    problems: list[TestProblem] = Field(description="What is wrong; empty: nothing.")


class SourceTest(BaseModel):
    """What a source could be read for."""

    ok: bool = Field(description="Whether everything could be read, without a problem.")
    entities: dict[EntityKind, TestedEntity] = Field(description="By kind of records.")


def _progress_view(progress: EntityProgress, runs: dict[str, Operation]) -> dict[str, Any]:
    run = runs.get(progress.run_id or "")
    return {"watermark": progress.watermark, "last_run": None if run is None else LastRun.of(run)}
