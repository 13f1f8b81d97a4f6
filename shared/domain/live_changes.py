"""What an open screen is told of a client: the latest change of each thing, and since when none was missed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.domain.access.principal import BUYERS, Principal

MOST_CHANGES = 2_000  # that are kept of a client, before the oldest are forgotten


class Topic(StrEnum):
    """What has changed; the values are the names of the API's events."""

    OPERATION = "operation"
    CATALOG = "catalog"
    ORDER = "order"
    CART = "cart"
    SETTINGS = "settings"


@dataclass(frozen=True)
class Change:
    """The state of one thing since it was committed `at`, in microseconds of the database's clock.

    `subject` is the id of the operation or order, and the user whose cart it is. `data` is what is told.
    """

    topic: Topic
    subject: str
    at: int
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Topic, str]:
        """What has changed: a later change of it makes this one needless."""
        return self.topic, self.subject

    def concerns(self, caller: Principal) -> bool:
        """Whether the caller may know. Lists of all else are open to all roles; a cart is its owner's alone."""
        if self.topic is not Topic.CART:
            return True
        return self.subject == caller.user_id and has_cart(caller)


def has_cart(caller: Principal) -> bool:
    """Whether the caller can order."""
    return (caller.role in BUYERS or caller.platform) and not caller.machine


class RecentChanges:
    """The latest change of each thing. It knows of everything that was committed after `since`."""

    def __init__(self, since: int, most: int = MOST_CHANGES) -> None:
        self.since = since
        self._most = most
        self._latest: OrderedDict[tuple[Topic, str], Change] = OrderedDict()

    def add(self, change: Change) -> bool:
        """Take note of it; whether it tells anything new: a lease that was renewed does not."""
        known = self._latest.get(change.key)
        if known is not None and (change.at <= known.at or (change.data and change.data == known.data)):
            return False
        self._latest[change.key] = change
        self._latest.move_to_end(change.key)
        if len(self._latest) > self._most:
            _, forgotten = self._latest.popitem(last=False)
            self.since = max(self.since, forgotten.at)
        return True

    def latest(self, topic: Topic, subject: str = "") -> Change | None:
        """The last change of a thing that is known."""
        return self._latest.get((topic, subject))

    def after(self, at: int) -> list[Change]:
        """What was committed after `at`, in the order of commits: everything, unless `at` lies before `since`."""
        return sorted((each for each in self._latest.values() if each.at > at), key=lambda change: change.at)
