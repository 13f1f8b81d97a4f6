from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from infra.delivery.traffic import PREVIOUS, REFUSED, Change, Service, Target, change_of, divided, undone

FRESH = Service("products", "r2", True, (Target("r1", 100),))


def deployed(service: Service, newest: str) -> Service:
    """As Terraform leaves it: another revision, which no traffic goes to."""
    return replace(service, newest=newest)


def at(service: Service, percent: int, release: str) -> Service:
    return replace(service, targets=divided(change_of(service, release), percent), rollout=release)


def test_the_first_revision_is_no_change() -> None:
    assert not change_of(Service("products", "r1", True, (Target("r1", 100),)), "a").is_one


def test_a_new_revision_is_a_change_from_what_serves() -> None:
    assert change_of(FRESH, "a") == Change("products", "r1", "r2")


@given(st.sampled_from([0, 5, 25, 100]))
def test_a_rollout_that_died_knows_what_served_before(percent: int) -> None:
    assert change_of(at(FRESH, percent, "a"), "a") == Change("products", "r1", "r2")


def test_after_a_rollout_the_next_release_relies_on_what_it_brought() -> None:
    done = at(FRESH, 100, "a")
    assert change_of(deployed(done, "r3"), "b") == Change("products", "r2", "r3")
    assert not change_of(done, "b").is_one


@given(st.sampled_from([0, 5, 25]))
def test_after_a_rollout_that_died_the_next_release_relies_on_what_served_before(percent: int) -> None:
    died = at(FRESH, percent, "a")
    assert change_of(deployed(died, "r3"), "b") == Change("products", "r1", "r3")


def test_a_second_rollback_changes_nothing_and_the_next_release_starts_from_there() -> None:
    done = at(FRESH, 100, "a")
    back = replace(done, targets=undone(done))
    assert back.targets == (Target("r1", 100, PREVIOUS), Target("r2", 0, REFUSED))
    assert undone(back) == back.targets
    assert change_of(deployed(back, "r3"), "b") == Change("products", "r1", "r3")


def test_a_rollback_leaves_alone_what_the_release_did_not_change() -> None:
    unchanged = at(at(FRESH, 100, "a"), 100, "b")
    assert unchanged.targets == (Target("r2", 100, PREVIOUS),)
    assert undone(unchanged) == unchanged.targets


@given(
    st.lists(
        st.tuples(st.sampled_from(["deploy", "roll out", "die", "undo"]), st.sampled_from([0, 5, 25, 100])), max_size=8
    )
)
def test_whatever_happens_all_traffic_has_a_revision(steps: list[tuple[str, int]]) -> None:
    service, number, release = FRESH, 2, 0
    for step, percent in steps:
        if step == "deploy":
            number, release = number + 1, release + 1
            service = deployed(service, f"r{number}")
        elif step == "undo":
            service = replace(service, targets=undone(service))
        else:
            service = at(service, 100 if step == "roll out" else percent, str(release))
        assert sum(target.percent for target in service.targets) == 100
        tags = [target.tag for target in service.targets if target.tag]
        assert len(tags) == len(set(tags))
