"""ETag and If-Match."""

from __future__ import annotations

import pytest
from flask import Flask

from shared.domain.versions import StaleVersion
from shared.http.etag import etag, expected_version, is_known
from shared.http.refusals import MalformedEntityTag

_app = Flask("probe")


@pytest.mark.parametrize("header", [None, "*", '"v1"', 'W/"v0", "v1"', '"other", "v1"', '"a,b" ,, "v1",'])
def test_the_current_version_or_none_at_all_may_go_on(header: str | None) -> None:
    with _app.test_request_context(headers={} if header is None else {"If-Match": header}):
        expected_version().check("v1")


@pytest.mark.parametrize("header", ['"v0"', 'W/"v1"', '"v0", "v2"'])
def test_a_stale_version_is_refused_naming_the_current_one(header: str) -> None:
    with (
        _app.test_request_context(headers={"If-Match": header}),
        pytest.raises(StaleVersion, match='the current version is "v1"') as refused,
    ):
        expected_version().check("v1")
    assert header in refused.value.detail


def test_the_header_is_quoted() -> None:
    assert etag("v1") == {"ETag": '"v1"'}


@pytest.mark.parametrize(
    "header", ["", ",", " , ", "v1", '"v1', 'v1"', '"v1" "v2"', '*, "v1"', 'w/"v1"', '"v 1"', "'v1'"]
)
def test_a_header_that_names_no_version_is_not_ignored(header: str) -> None:
    for name, read in (("If-Match", expected_version), ("If-None-Match", lambda: is_known("v1"))):
        with _app.test_request_context(headers={name: header}), pytest.raises(MalformedEntityTag, match=name):
            read()


@pytest.mark.parametrize(
    ("header", "known"),
    [(None, False), ("*", True), ('"v1"', True), ('W/"v1"', True), ('"v0", W/"v1"', True), ('"v0"', False)],
)
def test_what_a_caller_has_already(header: str | None, known: bool) -> None:
    with _app.test_request_context(headers={} if header is None else {"If-None-Match": header}):
        assert is_known("v1") is known
