"""What a caller takes the version of a resource to be."""

from __future__ import annotations

import pytest

from shared.domain.versions import ANY_VERSION, ExpectedVersion, StaleVersion


def test_any_version_fits_where_none_is_expected() -> None:
    ANY_VERSION.check("v1")


def test_one_of_the_expected_versions_fits() -> None:
    ExpectedVersion(frozenset({"v0", "v1"}), '"v0", "v1"').check("v1")


@pytest.mark.parametrize("expected", [frozenset({"v0"}), frozenset()])
def test_another_is_stale(expected: frozenset[str]) -> None:
    with pytest.raises(StaleVersion, match='If-Match "v0" is stale; the current version is "v1"'):
        ExpectedVersion(expected, '"v0"').check("v1")
