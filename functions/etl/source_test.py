"""What a source can be read for: the first rows of each of its entities, as an import would understand them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl

from functions.etl.source_schemas import SourceTest, TestedColumn, TestedEntity, TestProblem
from functions.etl.syncing import day_column
from shared.connectors.connector import Connector, DayWindow, Extract
from shared.connectors.opening import connector_of
from shared.domain.errors import StockcastError
from shared.domain.imports.data_source import Entity
from shared.domain.imports.exclusion_checks import excluded_check
from shared.domain.imports.import_errors import EmptyFile
from shared.domain.imports.record_checks import check_records, date_check, field_checks, first_of_each_record
from shared.domain.imports.record_fields import Field
from shared.domain.imports.sync_windows import days_to_read
from shared.firestore.data_sources import DataSources
from shared.imports.column_mapping import parse_mapping
from shared.imports.import_options import Aggregate, ImportKind
from shared.imports.record_stream import stream_of
from shared.imports.run_kinds import run_kind
from shared.request_context import RequestContext

_ROWS = 20
_TIMEOUT_S = 20


def tested(context: RequestContext, source_id: str) -> SourceTest:
    """Read a little of everything; raises SourceNotFound. Problems of the source are in the answer."""
    source = DataSources(context.tenant).get(source_id).value.source
    try:
        connector = connector_of(context.config, context.tenant.client_id, source, _TIMEOUT_S)
    except StockcastError as error:
        entities = {kind: _unreadable(error) for kind in source.entities}
        return SourceTest(ok=False, entities=entities)
    try:
        found = {
            kind: _tested(context, connector, ImportKind(kind), entity) for kind, entity in source.entities.items()
        }
    finally:
        connector.close()
    return SourceTest(ok=all(each.readable and not each.problems for each in found.values()), entities=found)


def _tested(context: RequestContext, connector: Connector, kind: ImportKind, entity: Entity) -> TestedEntity:
    extract: Extract | None = None
    declared = run_kind(kind)
    try:
        window = None
        if kind is ImportKind.SALES_HISTORY:
            window = DayWindow(days_to_read(context.today, None, 0), day_column(entity), context.client.timezone)
        extract = connector.extract(entity, window, _ROWS)
        aggregate = None if entity.aggregate is None else Aggregate(entity.aggregate)
        mapping = parse_mapping(entity.mapping_text(), declared.mapped_fields(aggregate))
        fields = declared.fields[aggregate or declared.aggregate_of(mapping.bindings, extract.records.header)]
        stream = stream_of(extract.records, mapping, fields, context.client.timezone)
        records = stream.whole().records
    except EmptyFile:
        return _untaken(extract, "source_empty", "the source has no rows, or none of the last two years", readable=True)
    except StockcastError as error:
        return _untaken(extract, error.code, error.detail.replace("the file", "the source"), readable=False)
    bound = [field for field in fields if field.name in stream.bound]
    day = next((field for field in fields if field.name == "date_local"), None)
    checks = [
        *map(excluded_check, mapping.exclusions),
        *field_checks(fields),
        *([date_check(day, context.today)] if day is not None else ()),
    ]
    _, rejects = check_records(records, checks)
    first = first_of_each_record(rejects)
    return TestedEntity(
        readable=True,
        columns=_columns(extract),
        sample=_sample(records, bound),
        problems=[
            TestProblem(code=code, field=field, row=row, detail=message)
            for row, field, code, message in first.select("row_number", "field", "code", "message").iter_rows()
        ],
    )


def _sample(records: pl.DataFrame, fields: list[Field]) -> list[dict[str, Any]]:
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in records.select(field.name for field in fields).iter_rows(named=True)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.normalize() if value == value.to_integral() else value
    return value.isoformat() if isinstance(value, dt.date) else value


def _unreadable(error: StockcastError) -> TestedEntity:
    return _untaken(None, error.code, error.detail, readable=False)


def _untaken(extract: Extract | None, code: str, detail: str, *, readable: bool) -> TestedEntity:
    problem = TestProblem(code=code, field=None, row=None, detail=detail)
    return TestedEntity(readable=readable, columns=_columns(extract), sample=[], problems=[problem])


def _columns(extract: Extract | None) -> list[TestedColumn]:
    return [] if extract is None else [TestedColumn(name=name, type=kind) for name, kind in extract.columns.items()]
