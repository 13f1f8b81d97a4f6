"""Where a source is, and what is read from it."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from shared.domain.dates import DateRange
from shared.domain.imports.data_source import (
    Entity,
    EntityProgress,
    SourceProgress,
    UnusableSourceUrl,
    database_url,
    is_source_id,
)


def test_a_url_has_its_parts() -> None:
    found = database_url("postgresql+psycopg://reader%40x@db.example.com/erp?sslmode=verify-full", "/url")
    assert (found.driver, found.host, found.port) == ("postgresql+psycopg", "db.example.com", 5432)
    assert (found.user, found.database, found.options) == ("reader@x", "erp", {"sslmode": "verify-full"})
    assert database_url("mysql://r@h:1/erp", "/url").driver == "mysql+pymysql"
    assert database_url("sqlite:////data/erp.db", "/url").database == "/data/erp.db"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql+psycopg://reader:hunter2@h/erp", "holds a password"),
        ("postgresql://reader@h/erp?password=hunter2", "holds a password"),
        ("mysql://reader@h/erp?passwd=hunter2", "holds a password"),
        ("postgresql://reader@h/erp?host=169.254.169.254", "option 'host'"),
        ("postgresql://reader@h/erp?hostaddr=127.0.0.1", "option 'hostaddr'"),
        ("postgresql://reader@h/erp?sslmode=require&service=x", "option 'service'"),
        ("mysql://reader@h/erp?local_infile=1", "option 'local_infile'"),
        ("oracle://reader@h/erp", "begins with 'oracle'"),
        ("postgresql://h/erp", "a user"),
        ("postgresql://reader@/erp", "a host"),
        ("postgresql://reader@h", "a database"),
        ("postgresql://reader@h:port/erp", "no URL"),
        ("sqlite:///erp.db", "whole path"),
        ("sqlite://host/erp.db", "whole path"),
        ("", "begins with ''"),
    ],
)
def test_another_url_is_refused_and_its_password_not_repeated(url: str, told: str) -> None:
    with pytest.raises(UnusableSourceUrl, match=told) as refused:
        database_url(url, "/url")
    assert refused.value.pointer == "/url"
    assert "hunter2" not in refused.value.detail


def test_an_entity_is_a_table_or_a_query() -> None:
    for fields in ({}, {"table": "t", "query": "SELECT 1"}):
        with pytest.raises(ValidationError, match="either `table` or `query`"):
            Entity.model_validate(fields)
    assert Entity(table="t").overlap_days == 7


@pytest.mark.parametrize(
    ("text", "taken"), [("erp", True), ("erp-2_x", True), ("", False), ("Erp", False), ("a/b", False)]
)
def test_ids(text: str, taken: bool) -> None:
    assert is_source_id(text) is taken


def test_progress_is_of_each_kind() -> None:
    today = dt.date(2026, 11, 28)
    progress = SourceProgress("erp")
    moved = progress.of("sales-history").stored(DateRange(today, today), today, from_start=True)
    assert progress.changed("sales-history", moved).of("sales-history").watermark == today
    assert progress.changed("sales-history", moved).of("products") == EntityProgress()
