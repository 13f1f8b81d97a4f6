"""Whoever was told everything until some moment and is told what came after it knows the state of all things."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.principal import PLATFORM_HOME, Principal, Role
from shared.domain.live_changes import Change, RecentChanges, Topic

SUBJECTS = st.sampled_from("abcd")
STATES = st.sampled_from(("pending", "running", "succeeded"))
# What is committed, one after the other.
COMMITS = st.lists(st.tuples(SUBJECTS, STATES), max_size=30).map(
    lambda told: [
        Change(Topic.OPERATION, subject, at, {"status": state}) for at, (subject, state) in enumerate(told, start=1)
    ]
)


def states(changes: list[Change]) -> dict[str, object]:
    return {change.subject: change.data["status"] for change in changes}


@given(COMMITS, st.integers(0, 30), st.integers(1, 10))
def test_what_is_told_after_a_moment_leads_to_the_state_of_now(commits: list[Change], at: int, most: int) -> None:
    recent = RecentChanges(0, most)
    for change in commits:
        recent.add(change)
    if at >= recent.since:
        before = states([change for change in commits if change.at <= at])
        assert before | states(recent.after(at)) == states(commits)
    told = [change.at for change in recent.after(0)]
    assert told == sorted(told)
    assert len(told) <= most


@given(COMMITS)
def test_a_change_is_news_once_and_only_where_it_tells_something_new(commits: list[Change]) -> None:
    recent = RecentChanges(0)
    known: dict[str, object] = {}
    for change in commits:
        is_news = known.get(change.subject) != change.data["status"]
        assert recent.add(change) is is_news
        assert not recent.add(change)
        known[change.subject] = change.data["status"]


@given(COMMITS)
def test_a_state_that_comes_late_does_not_replace_a_later_one(commits: list[Change]) -> None:
    recent = RecentChanges(0)
    for change in [*commits, *commits]:
        recent.add(change)
    assert states(recent.after(0)) == states(commits)


def test_what_tells_nothing_but_that_it_has_changed_is_always_news() -> None:
    recent = RecentChanges(0)
    assert [recent.add(Change(Topic.SETTINGS, "", at)) for at in (1, 2, 2)] == [True, True, False]


def test_a_cart_is_its_owners_who_may_order() -> None:
    cart = Change(Topic.CART, "ann", 1)
    may_know = {
        (user_id, role)
        for user_id in ("ann", "bob")
        for role in Role
        if cart.concerns(Principal(user_id, "shop", role))
    }
    assert may_know == {("ann", Role.PROCUREMENT), ("ann", Role.ADMIN)}
    assert cart.concerns(Principal("ann", PLATFORM_HOME, Role.VIEWER, platform=True))
    assert not cart.concerns(Principal("ann", "shop", Role.ADMIN, machine=True))


def test_everybody_may_know_of_all_else() -> None:
    for topic in set(Topic) - {Topic.CART}:
        assert all(Change(topic, "x", 1).concerns(Principal("ann", "shop", role)) for role in Role)
