"""How the traffic of a function is divided, told by tags: which revision served before a rollout, and which is tried.

The tags and the name of the rollout that set them are its only record, so that one which died is finished or undone by
whoever comes next.
"""

from __future__ import annotations

from dataclasses import dataclass

PREVIOUS = "previous"  # what served before the last rollout, and is gone back to
CANDIDATE = "candidate"  # what the last rollout tries, or has brought to all traffic
REFUSED = "refused"  # what was sent back


@dataclass(frozen=True)
class Target:
    """A part of the traffic; with a tag the revision has an address of its own."""

    revision: str
    percent: int
    tag: str = ""


@dataclass(frozen=True)
class Service:
    """A Cloud Run service: its newest revision, and where its traffic goes."""

    name: str
    newest: str
    ready: bool  # the newest revision could be started
    targets: tuple[Target, ...]
    rollout: str = ""  # the last one that it was part of

    def tagged(self, tag: str) -> str | None:
        """The revision of this tag."""
        return next((target.revision for target in self.targets if target.tag == tag), None)

    def percent(self, revision: str | None) -> int:
        """The part of the traffic that a revision takes."""
        return sum(target.percent for target in self.targets if target.revision == revision)

    @property
    def serving(self) -> str:
        """The revision that takes most of the traffic; the newest one where nothing says otherwise."""
        return max(self.targets, key=lambda target: target.percent).revision if self.targets else self.newest


@dataclass(frozen=True)
class Change:
    """What a rollout does to a function: nothing where `old` is `new`."""

    name: str
    old: str
    new: str

    @property
    def is_one(self) -> bool:
        return self.old != self.new


def change_of(service: Service, rollout: str) -> Change:
    """From the revision that people rely on to the newest one.

    Of a rollout that has begun already that is what served before it. Otherwise it is the last rollout's candidate if
    that was brought to all traffic, or else what served before that one.
    """
    candidate, previous = service.tagged(CANDIDATE), service.tagged(PREVIOUS)
    if service.rollout == rollout and candidate in (None, service.newest) and previous is not None:
        old = previous
    elif candidate is not None and service.percent(candidate) == 100:
        old = candidate
    else:
        old = previous if previous is not None else service.serving
    return Change(service.name, old, service.newest)


def divided(change: Change, percent: int) -> tuple[Target, ...]:
    """The new revision takes `percent`, and has its address even with 0."""
    if not change.is_one:
        return (Target(change.old, 100, PREVIOUS),)
    return (Target(change.old, 100 - percent, PREVIOUS), Target(change.new, percent, CANDIDATE))


def undone(service: Service) -> tuple[Target, ...]:
    """All traffic at the revision that served before; as it is where it serves already, or none is known."""
    previous = service.tagged(PREVIOUS)
    if previous is None or (service.percent(previous) == 100 and service.tagged(CANDIDATE) is None):
        return service.targets
    left = service.tagged(CANDIDATE)
    refused = () if left is None or left == previous else (Target(left, 0, REFUSED),)
    return (Target(previous, 100, PREVIOUS), *refused)


def tag_of(change: Change) -> str:
    """The tag whose address leads to what this rollout brings."""
    return CANDIDATE if change.is_one else PREVIOUS
