"""What a statement must be before BigQuery sees it: of columns that exist, of one client, of some partitions."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from shared.bigquery.query import DATASET
from shared.bigquery.tables import TABLES, Table

# A staging table holds the rows of one client's file, has its columns and no partitions: the only scan without filters.
STAGING = "_staging_"

_TABLES = {table.name: table for table in TABLES}
_SCHEMA: dict[str, object] = {
    DATASET: {
        prefix + table.name: {column.name: column.type for column in table.columns}
        for table in TABLES
        for prefix in ("", STAGING)
    }
}
_COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)


def parsed(text: str) -> exp.Select | exp.Merge:
    """The one statement of the text; raises sqlglot's ParseError for what is not GoogleSQL."""
    (statement,) = sqlglot.parse(text, dialect="bigquery")
    assert isinstance(statement, exp.Select | exp.Merge)
    return statement


def qualified(statement: exp.Select | exp.Merge) -> exp.Query:
    """The SELECT of the statement, or the source of its MERGE, with every column under its table's name.

    Raises sqlglot's OptimizeError, or fails an assertion, for a column that no table has.
    """
    if isinstance(statement, exp.Select):
        return qualify(statement.copy(), schema=_SCHEMA, dialect="bigquery")
    using = statement.args["using"]
    source = using.this if isinstance(using, exp.Subquery) else sqlglot.select("*").from_(using.copy())
    assert isinstance(source, exp.Query)
    result = qualify(source.copy(), schema=_SCHEMA, dialect="bigquery")
    _check_merge(statement, result.named_selects)
    return result


def unfiltered(statement: exp.Select | exp.Merge) -> list[str]:
    """The name of each table that the statement reads or changes without `client_id = @client_id`, or without a
    comparison of its partition column to parameters, among what every row must fulfil."""
    scans = list(_scans(qualified(statement)))
    if isinstance(statement, exp.Merge):
        target = statement.this
        scans.append((target.alias_or_name, _TABLES[target.name], list(_conjuncts(statement.args["on"]))))
    return [
        table.name
        for alias, table, conditions in scans
        if not any(_is_of_client(condition, alias) for condition in conditions)
        or not any(_is_of_partition(condition, alias, table) for condition in conditions)
    ]


def _scans(query: exp.Query) -> Iterator[tuple[str, Table, list[exp.Expr]]]:
    """(alias, table, conditions that every row fulfils) of each table of the dataset that is read."""
    for scope in traverse_scope(query):
        where = scope.expression.args.get("where")
        conditions = list(_conjuncts(where.this)) if where else []
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table) and not source.name.startswith(STAGING):
                yield alias, _TABLES[source.name], conditions


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    else:
        yield condition


def _is_of_client(condition: exp.Expr, alias: str) -> bool:
    return (
        isinstance(condition, exp.EQ)
        and _is_column(condition.this, alias, "client_id")
        and isinstance(condition.expression, exp.Parameter)
        and condition.expression.name == "client_id"
    )


def _is_of_partition(condition: exp.Expr, alias: str, table: Table) -> bool:
    bounds = [value for key, value in condition.args.items() if key != "this" and isinstance(value, exp.Expr)]
    return (
        isinstance(condition, _COMPARISONS)
        and _is_column(condition.this, alias, table.partition)
        and all(isinstance(bound, exp.Parameter) for bound in bounds)
    )


def _is_column(expression: exp.Expr, alias: str, name: str) -> bool:
    return isinstance(expression, exp.Column) and (expression.table, expression.name) == (alias, name)


def _check_merge(merge: exp.Merge, source_columns: list[str]) -> None:
    """Every column of the ON and of the branches is one of the target or of the source."""
    target = merge.this
    columns = {
        target.alias_or_name: set(_TABLES[target.name].column_names),
        merge.args["using"].alias_or_name: set(source_columns),
    }
    for branch in (merge.args["on"], merge.args["whens"]):
        for column in branch.find_all(exp.Column):
            assert column.name in columns[column.table or target.alias_or_name], f"no column {column.sql()}"
