"""A rollout from end to end: tried without traffic, then traffic in steps, each watched; what is worse goes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TypeVar

from infra.delivery.cloud_run import CloudRun
from infra.delivery.decision import STEPS, Counts, Judgement, Limits, Move, judged, next_move
from infra.delivery.metrics import Metrics, MetricsUnavailable
from infra.delivery.smoke import Probe, SmokeFailed
from infra.delivery.traffic import CANDIDATE, REFUSED, Change, Service, change_of, divided, tag_of, undone

_POLL_S = 30.0

T = TypeVar("T")
R = TypeVar("R")


class RolloutRefused(RuntimeError):
    """Nothing was changed; the message says why and what to do."""


class SentBack(RuntimeError):
    """The new revisions are worse: all traffic is at the revisions from before."""


@dataclass(frozen=True)
class Platform:
    """What a rollout works with."""

    cloud_run: CloudRun
    metrics: Metrics
    probe: Probe
    functions: Sequence[str]
    job: str
    now: Callable[[], dt.datetime]
    sleep: Callable[[float], None]
    report: Callable[[str], None] = print
    limits: Limits = field(default_factory=Limits)
    workers: int = 8  # functions that are changed at once: Cloud Run takes seconds for each


def roll_out(platform: Platform, release: str, job_image: str, *, can_sign_in: bool, again: bool = False) -> None:
    """Bring the newest revision of every function, then the job's image, to all traffic.

    One of the same revisions that died goes on at the step that all functions have reached. Raises RolloutRefused
    before, SentBack after anything was changed; on any other error the traffic is sent back too.
    """
    services = [platform.cloud_run.service(name) for name in platform.functions]
    rollout = _name(release, services)
    changes = [change_of(service, rollout) for service in services]
    changed = [change for change in changes if change.is_one]
    _refuse_what_cannot_be(services, changed, again)
    step = _step_reached(services, changed)
    platform.cloud_run.mark_job(platform.job, rollout)
    reached = {
        service.name: service.percent(change.new) if service.tagged(CANDIDATE) == change.new else 0
        for change, service in zip(changes, services, strict=True)
    }

    def mark(change: Change) -> None:
        targets = divided(change, min(reached[change.name], step))
        platform.cloud_run.set_traffic(change.name, targets, rollout)

    _each(platform, mark, changes)
    platform.report(f"{release}: {len(changed)} of {len(changes)} functions have a new revision")
    if changed and not can_sign_in:
        raise RolloutRefused(
            "nobody can sign in to try the new revisions, which have no traffic: the secret stockcast-smoke-user has "
            "no version (docs/operations.md, The smoke user)"
        )
    try:
        _try_and_shift(platform, changes, changed, step)
        platform.cloud_run.set_job_image(platform.job, job_image)
    except SmokeFailed as failure:
        roll_back(platform)
        raise SentBack(str(failure)) from failure
    except BaseException:  # a killed or failing rollout leaves no divided traffic
        roll_back(platform)
        raise
    platform.report(f"{release}: all traffic is at its revisions")


def roll_back(platform: Platform) -> list[str]:
    """Send all traffic and the job to what served before the last rollout; repeating it changes nothing.

    Returns the names of what was changed.
    """

    def back(name: str) -> list[str]:
        service = platform.cloud_run.service(name)
        targets = undone(service)
        if targets == service.targets:
            return []
        platform.cloud_run.set_traffic(name, targets)
        platform.report(f"{name}: all traffic is at {targets[0].revision}")
        return [name]

    moved = [name for names in _each(platform, back, platform.functions) for name in names]
    job = platform.cloud_run.job(platform.job)
    if job.previous_image is not None and job.previous_image != job.image:
        platform.cloud_run.set_job_image(platform.job, job.previous_image)
        platform.report(f"{platform.job}: has {job.previous_image}")
        moved.append(platform.job)
    return moved


def _name(release: str, services: Iterable[Service]) -> str:
    """Of a rollout: its release is deployed again with other variables, and then has other revisions."""
    newest = " ".join(service.newest for service in services)
    return f"{release}-{sha256(newest.encode()).hexdigest()[:8]}"


def _refuse_what_cannot_be(services: Iterable[Service], changed: Sequence[Change], again: bool) -> None:
    for service in services:
        if not service.ready:
            raise RolloutRefused(f"{service.name}: revision {service.newest} could not be started: look at its logs")
        if service.tagged(REFUSED) == service.newest and not again:
            raise RolloutRefused(
                f"{service.name}: revision {service.newest} was sent back before; deploy another one, or try it once "
                "more with --again"
            )


def _step_reached(services: Iterable[Service], changed: Sequence[Change]) -> int:
    """The percentage that every new revision has already; 0 at the beginning."""
    new = {change.name: change.new for change in changed}
    reached = [
        service.percent(new[service.name]) if service.tagged(CANDIDATE) == new[service.name] else 0
        for service in services
        if service.name in new
    ]
    return max((step for step in STEPS if reached and min(reached) >= step), default=0)


def _try_and_shift(platform: Platform, changes: Sequence[Change], changed: Sequence[Change], reached: int) -> None:
    addresses = {change.name: f"{_address(platform, change)}/api/v1" for change in changes}
    platform.probe(addresses)
    platform.report("the new revisions pass the walk")
    if not changed:
        return
    for step in (step for step in STEPS if step >= reached):
        _each(platform, partial(_shift, platform, step), changed)
        platform.report(f"{step} % of the traffic")
        _watch(platform, changed, addresses)


def _shift(platform: Platform, percent: int, change: Change) -> None:
    platform.cloud_run.set_traffic(change.name, divided(change, percent))


def _watch(platform: Platform, changed: Sequence[Change], addresses: Mapping[str, str]) -> None:
    """Until this step is long enough and all is well. Raises SentBack and SmokeFailed.

    The walk is repeated all the while: it gives functions that nobody calls at this hour a sample, too.
    """
    since = platform.now()
    while True:
        platform.sleep(_POLL_S)
        platform.probe(addresses)
        now = platform.now()
        judgements = _judgements(platform, changed, since, now)
        match next_move(judgements.values(), (now - since).total_seconds(), platform.limits):
            case Move.FORWARD:
                return
            case Move.BACK:
                reasons = "; ".join(f"{name}: {judgement.reason}" for name, judgement in judgements.items())
                raise SentBack(reasons)
            case Move.WAIT:
                pass


def _judgements(
    platform: Platform, changed: Sequence[Change], since: dt.datetime, until: dt.datetime
) -> dict[str, Judgement]:
    revisions = [revision for change in changed for revision in (change.old, change.new)]
    try:
        counts = platform.metrics.counts(revisions, since, until)
    except MetricsUnavailable as error:  # nothing is known then, and who knows nothing waits, but not for ever
        platform.report(str(error))
        counts = dict.fromkeys(revisions, Counts())
    return {change.name: judged(counts[change.new], counts[change.old], platform.limits) for change in changed}


def _each(platform: Platform, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Do the work for every item, whichever of them fails; the first failure is raised when all are done."""
    with ThreadPoolExecutor(platform.workers) as pool:
        return list(pool.map(work, items))


def _address(platform: Platform, change: Change) -> str:
    return platform.cloud_run.urls(change.name)[tag_of(change)]
