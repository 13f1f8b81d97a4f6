"""ETag and If-Match."""

from __future__ import annotations

import pytest
from flask import Flask

from shared.domain.versions import StaleVersion
from shared.http.etag import etag, expected_version

_app = Flask("probe")


@pytest.mark.parametrize("header", [None, "*", '"v1"', 'W/"v0", "v1"', '"other", "v1"'])
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
