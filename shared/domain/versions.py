"""Versions of single resources, and what a caller expects them to be."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.errors import PreconditionFailed


class StaleVersion(PreconditionFailed):
    """If-Match names a version that is not the current one."""

    code = "stale_version"

    def __init__(self, expected: str, current: str) -> None:
        super().__init__(f'If-Match {expected} is stale; the current version is "{current}"')


@dataclass(frozen=True)
class ExpectedVersion:
    """What a caller takes the version of a resource to be: one of `versions`, or any where that is None.

    `text` is how the caller said it, for the refusal.
    """

    versions: frozenset[str] | None = None
    text: str = ""

    def check(self, current: str) -> None:
        """Raises StaleVersion when the current version is none of those that are expected."""
        if self.versions is not None and current not in self.versions:
            raise StaleVersion(self.text, current)


ANY_VERSION = ExpectedVersion()
