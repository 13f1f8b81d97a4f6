"""What is taken for a query that reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.read_only_query import NoReadOnlyQuery, read_only_query


@pytest.mark.parametrize(
    ("text", "by_window"),
    [
        ("SELECT * FROM t", False),
        (" select a from t where d between :start_date and :end_date ;; ", True),
        ("SELECT * FROM t WHERE d BETWEEN @start_date AND @end_date", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x -- :what; delete", False),
        ("(SELECT a FROM t) UNION ALL (SELECT b FROM u)", False),
        ("SELECT '; delete from :t', \"update\", `drop` FROM t /* insert */", False),
        ("SELECT a::date, replace(b, 'x', 'y'), updated_at FROM t", False),
        ("SELECT $q$ ; drop :x $q$ FROM t", False),
    ],
)
def test_one_select_is_taken(text: str, by_window: bool) -> None:
    assert read_only_query(text, "query").by_window is by_window


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("-- nothing", "is empty"),
        ("SELECT 1; SELECT 2", "several statements"),
        ("SELECT 1; DROP TABLE t", "several statements"),
        ("UPDATE t SET a = 1", "UPDATE"),
        ("WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone", "DELETE"),
        ("SELECT * INTO OUTFILE '/tmp/x' FROM t", "INTO"),
        ("SELECT * FROM t FOR UPDATE", "UPDATE"),
        ("SELECT /*! 1 INTO OUTFILE 'x' */ FROM t", "comment that MySQL would run"),
        ("EXPLAIN SELECT 1", "begins with 'explain'"),
        ("SELECT 'open FROM t", "nothing closes"),
        ("SELECT :a FROM t", "placeholder 'a'"),
        ("SELECT * FROM t WHERE d >= :start_date", "alone"),
        ("SELECT 1\0", "NUL"),
    ],
)
def test_anything_else_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(NoReadOnlyQuery, match=told) as refused:
        read_only_query(text, "/entities/products/query")
    assert refused.value.pointer == "/entities/products/query"


def test_placeholders_are_written_as_the_driver_wants_them() -> None:
    query = read_only_query("SELECT ':start_date', a::date, 5 % 2 FROM t WHERE d = :start_date OR d = :end_date", "q")
    written = query.written(lambda name: f"%({name})s", lambda text: text.replace("%", "%%"))
    assert written == "SELECT ':start_date', a::date, 5 %% 2 FROM t WHERE d = %(start_date)s OR d = %(end_date)s"


@given(st.text())
def test_a_text_within_quotes_is_only_text(text: str) -> None:
    quoted = "'" + text.replace("\\", "\\\\").replace("'", "''").replace("\0", "") + "'"
    assert not read_only_query(f"SELECT {quoted}", "q").by_window


@given(st.text(max_size=200))
def test_no_text_breaks_the_check(text: str) -> None:
    try:
        query = read_only_query(text, "q")
    except NoReadOnlyQuery:
        return
    assert query.written(lambda name: f":{name}") in text.replace("@", ":")
