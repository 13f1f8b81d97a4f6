"""Every statement, parsed: of one client, of some partitions, of columns that exist, of the rows it promises."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from sqlglot import exp
from sqlglot.errors import SqlglotError

from shared.bigquery import merge as merge_module
from shared.bigquery.merge import Merge
from shared.bigquery.query import DATASET, SQL_FOLDER, Query, RowQuery
from shared.bigquery.tables import TABLES
from tests.support.sql_lint import STAGING, parsed, qualified, unfiltered

FILES = sorted(path.stem for path in SQL_FOLDER.iterdir() if path.suffix == ".sql")
_ROOM = Path(merge_module.__file__).parent
QUERIES = {
    query.name: query
    for path in sorted(_ROOM.glob("*_queries.py"))
    for query in vars(importlib.import_module(f"shared.bigquery.{path.stem}")).values()
    if isinstance(query, Query)
}
_MERGES = {
    table.name: Merge(table, table.column_names, f"{DATASET}.{table.name}", f"{DATASET}.{STAGING}{table.name}")
    for table in TABLES
}
GENERATED = (
    {f"merge {name}": merge.statement(replace_window=False) for name, merge in _MERGES.items()}
    | {f"replace {name}": merge.statement(replace_window=True) for name, merge in _MERGES.items()}
    | {f"preview {name}": merge.preview() for name, merge in _MERGES.items()}
)
STATEMENTS = {name: (SQL_FOLDER / f"{name}.sql").read_text() for name in FILES} | GENERATED


def test_every_file_is_a_query_and_every_query_a_file() -> None:
    assert sorted(QUERIES) == FILES


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_of_one_client_some_partitions_and_columns_that_exist(name: str) -> None:
    statement = parsed(STATEMENTS[name])
    assert qualified(statement).named_selects
    assert unfiltered(statement) == []


@pytest.mark.parametrize("name", FILES)
def test_a_query_names_the_tables_of_its_statement(name: str) -> None:
    """And what is sent is the file, less its comments, over the tables of the dataset that is configured."""
    query, statement = QUERIES[name], parsed(STATEMENTS[name])
    created = {cte.alias for cte in statement.find_all(exp.CTE)}
    tables = [table for table in statement.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    assert sorted(query.tables) == sorted(table.name for table in tables if table.name not in created)
    assert {table.db for table in tables if table.name not in created} == {DATASET}
    assert parsed(query.text).sql(comments=False) == statement.sql(comments=False)
    sent = query.qualified("project.dataset")
    assert re.sub(r"`project\.dataset\.(\w+)`", rf"{DATASET}.\1", sent) == query.text
    assert "--" not in query.text


@pytest.mark.parametrize("name", [name for name, query in QUERIES.items() if isinstance(query, RowQuery)])
def test_a_query_has_the_columns_of_its_rows(name: str) -> None:
    query = QUERIES[name]
    assert isinstance(query, RowQuery)
    assert tuple(qualified(parsed(STATEMENTS[name])).named_selects) == query.row._fields


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_which_parameters_it_takes(name: str) -> None:
    """So that a person knows what to bind: the types are those of `bq query --parameter`."""
    header = re.search(r"^-- Parameters: ((?:.+\n)(?:--   .+\n)*)", STATEMENTS[name], re.MULTILINE)
    assert header, "no line `-- Parameters: ...`"
    described = re.sub(r"\n(--   )?", " ", header[1]).strip()
    parameters = dict(parameter.split(" ") for parameter in re.split(r", *", described))
    assert parameters.keys() == {parameter.name for parameter in parsed(STATEMENTS[name]).find_all(exp.Parameter)}
    assert set(parameters.values()) <= {"STRING", "INT64", "DATE", "BOOL", "ARRAY<STRING>"}


_READ = f"SELECT item_id FROM {DATASET}.ts_demand_daily WHERE "
_OF_CLIENT, _OF_DAYS = "client_id = @client_id", "date_local BETWEEN @first AND @last"


@pytest.mark.parametrize(
    "text",
    [
        _READ + _OF_CLIENT,
        _READ + _OF_DAYS,
        _READ + f"({_OF_CLIENT} OR item_id = @item_id) AND {_OF_DAYS}",
        _READ + f"client_id = @item_id AND {_OF_DAYS}",
        _READ + f"{_OF_CLIENT} AND date_local = DATE_ADD(date_local, INTERVAL 0 DAY)",
        _READ + f"{_OF_CLIENT} AND {_OF_DAYS} AND run_id IN (SELECT run_id FROM {DATASET}.etl_rejects)",
        f"SELECT r.field FROM {DATASET}.ts_demand_daily AS d JOIN {DATASET}.etl_rejects AS r USING (run_id) "
        f"WHERE r.{_OF_CLIENT} AND r.date = @day",
        f"MERGE {DATASET}.ts_demand_daily T USING ({_READ}{_OF_CLIENT} AND {_OF_DAYS}) S "
        "ON T.item_id = S.item_id AND T.date_local = @day WHEN MATCHED THEN DELETE",
    ],
)
def test_a_scan_without_its_filters_is_noticed(text: str) -> None:
    assert unfiltered(parsed(text)) != []


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT price FROM {DATASET}.ts_demand_daily WHERE {_OF_CLIENT} AND {_OF_DAYS}",
        f"SELECT item_id FROM {DATASET}.users WHERE {_OF_CLIENT}",
        f"WITH d AS ({_READ}{_OF_CLIENT} AND {_OF_DAYS}) SELECT revenue FROM d",
        f"MERGE {DATASET}.ts_demand_daily T USING ({_READ}{_OF_CLIENT} AND {_OF_DAYS}) S "
        f"ON T.{_OF_CLIENT} AND T.date_local = @day WHEN MATCHED THEN UPDATE SET revenue = S.revenue",
        f"MERGE {DATASET}.ts_demand_daily T USING ({_READ}{_OF_CLIENT} AND {_OF_DAYS}) S "
        f"ON T.{_OF_CLIENT} AND T.date_local = @day WHEN MATCHED THEN UPDATE SET price = 1",
        _READ + f"{_OF_CLIENT} AND {_OF_DAYS} ORDER",
    ],
)
def test_a_column_that_does_not_exist_is_noticed(text: str) -> None:
    with pytest.raises((SqlglotError, AssertionError, KeyError)):
        unfiltered(parsed(text))
