"""A connection that takes nothing for a while keeps little, and is told so where that is too little."""

from __future__ import annotations

import threading

from functions.events.subscription import MOST_WAITING, Ending, Subscription
from shared.domain.access.principal import Principal, Role
from shared.domain.live_changes import Change, Topic


def subscription() -> Subscription:
    return Subscription(Principal("ann", "shop", Role.PROCUREMENT), threading.RLock(), 0)


def offer(slow: Subscription, *changes: Change) -> None:
    with slow._changed:
        slow.offer(changes, max(change.at for change in changes))


def order(number: int, at: int, status: str = "pending") -> Change:
    return Change(Topic.ORDER, f"order-{number}", at, {"status": status})


def test_of_a_thing_the_last_state_waits() -> None:
    slow = subscription()
    for at in range(1, 10_000):
        offer(slow, order(1, at, f"status {at}"))
    offer(slow, order(2, 10_000))
    told = slow.take(0)
    assert [(change.subject, change.at) for change in told.changes] == [("order-1", 9_999), ("order-2", 10_000)]
    assert (told.position, told.lost, told.cut) == (10_000, False, False)
    assert slow.take(0).changes == ()


def test_what_is_too_much_is_dropped_and_that_is_told() -> None:
    slow = subscription()
    for number in range(MOST_WAITING + 1):
        offer(slow, order(number, number + 1))
    offer(slow, order(9_999, 9_999))
    told = slow.take(0)
    assert (told.lost, [change.subject for change in told.changes]) == (True, ["order-9999"])
    assert not slow.take(0).lost


def test_what_waits_is_told_before_the_end() -> None:
    slow = subscription()
    offer(slow, order(1, 1))
    with slow._changed:
        slow.end(Ending.SESSION_ENDED)
    told = slow.take(60)
    assert (len(told.changes), told.ending, told.cut) == (1, Ending.SESSION_ENDED, True)


def test_what_is_of_no_concern_wakes_nobody() -> None:
    slow = subscription()
    offer(slow, Change(Topic.CART, "bob", 7))
    told = slow.take(0)
    assert (told.changes, told.position) == ((), 7)
