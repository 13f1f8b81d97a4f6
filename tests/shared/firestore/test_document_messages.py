"""What a document is written as is what the library would write."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from hypothesis import given
from hypothesis import strategies as st

from shared.firestore.document_messages import NoPlainValue, write_message
from shared.firestore.driver import full_path

DATABASE = firestore.Client(project="p", credentials=AnonymousCredentials())
REFERENCE = DATABASE.collection("things").document("one")
TEXTS = st.text(max_size=20)
ZONES = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30))])
# In UTC too, of the years that Firestore has.
TIMES = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)) | st.datetimes(
    dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30), timezones=ZONES
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXTS
    | st.binary(max_size=20)
    | TIMES
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))


def by_library(fields: dict[str, Any]) -> Any:
    batch = DATABASE.batch()
    batch.set(REFERENCE, fields)
    (message,) = batch._write_pbs
    return type(message).pb(message)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_a_document_is_the_message_that_the_library_makes(fields: dict[str, Any]) -> None:
    assert write_message(full_path(REFERENCE), fields) == by_library(fields)


def test_a_time_keeps_its_nanoseconds() -> None:
    fields = {"at": DatetimeWithNanoseconds(2026, 11, 27, 12, 0, nanosecond=123_456_789, tzinfo=dt.UTC)}
    assert write_message(full_path(REFERENCE), fields) == by_library(fields)


def test_empty_parts_are_kept() -> None:
    fields: dict[str, Any] = {"map": {}, "list": [], "nested": {"a": {}, "b": [[], {}]}, "tuple": (1, "x")}
    assert write_message(full_path(REFERENCE), fields) == by_library(fields)


def test_the_servers_time_is_a_field_of_its_own() -> None:
    fields = {"b": 1, "changed_at": firestore.SERVER_TIMESTAMP}
    assert write_message(full_path(REFERENCE), fields) == by_library(fields)


@pytest.mark.parametrize("value", [firestore.DELETE_FIELD, REFERENCE, {1, 2}, object()])
def test_what_only_the_library_understands_is_left_to_it(value: object) -> None:
    for fields in ({"a": value}, {"a": {"b": value}}, {"a": [value]}):
        with pytest.raises(NoPlainValue):
            write_message(full_path(REFERENCE), fields)


@pytest.mark.parametrize("name", ["a.b", "a b", "ä", ""])
def test_a_name_that_a_path_would_quote_is_left_to_the_library(name: str) -> None:
    with pytest.raises(NoPlainValue):
        write_message(full_path(REFERENCE), {name: firestore.SERVER_TIMESTAMP})


def test_the_servers_time_within_a_value_is_left_to_the_library() -> None:
    for value in ({"b": firestore.SERVER_TIMESTAMP}, [firestore.SERVER_TIMESTAMP]):
        with pytest.raises(NoPlainValue):
            write_message(full_path(REFERENCE), {"a": value})
