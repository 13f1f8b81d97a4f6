"""A run of a client's chain: started for a client, and moved on whenever the operation of a step has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from functions.etl.step_starters import StepStart, start_showing, start_step
from shared.config import Config
from shared.domain.errors import InvalidField, InvalidLines
from shared.domain.etl_run import EtlRunRequest, begun, current_position, moved_on, planned_steps, step_operation_id
from shared.domain.operation import SHOWING, Operation, OperationStatus, RunStep, StepName
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.data_sources import DataSources
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.request_context import RequestContext
from shared.tasks.delivery import deliver
from shared.tasks.etl_runs import keep_moved, start_run
from shared.tasks.operations import Operations
from shared.tasks.starting import delivered
from shared.tasks.worker import Clock
from shared.telemetry.logs import log


class UnknownSource(InvalidField):
    """The client has no source of this id."""

    code = "unknown_source"


def start(context: RequestContext, source_ids: Sequence[str] | None) -> Operation:
    """The client's run, now, of these sources or of all that are read daily; raises RunInProgress and InvalidLines."""
    chosen = None if source_ids is None else tuple(dict.fromkeys(source_ids))
    steps = steps_of(context.tenant, chosen)
    request = EtlRunRequest(context.new_id(), context.today, steps, context.user_id, context.now, chosen)
    return delivered(context.config, start_run(context.tenant, request))


def advance(config: Config, tenant: Tenant, run_id: str, clock: Clock) -> OperationStatus:
    """Note what has become of the run's step, and start the next one; returns the run's status.

    All in one transaction that reads the run and the step's operation: called twice, at once or for nothing, it changes
    nothing; killed behind its commit, it leaves the next task in the outbox.
    """
    operations, now = Operations(tenant), clock()

    def write(transaction: Transaction) -> tuple[Operation, list[OutboxEntry]]:
        before = run = operations.get(run_id, transaction)
        entries: list[OutboxEntry] = []
        while not run.finished and (position := current_position(run)) is not None:
            step = run.steps[position]
            if step.operation_id is None:
                operation_id = step_operation_id(run, position)
                start = StepStart(tenant, transaction, run, step, operation_id, now, config.forecast_engine)
                showing = start_showing(start)
                if showing is not None and not showing[0].finished:
                    entries += [showing[1]] if showing[1] is not None else []
                    run = run if run.step == SHOWING else replace(run, step=SHOWING)
                    break
                done_by, entry = start_step(start)
                entries += [entry] if entry is not None else []
                run = begun(run, position, done_by.id, now)
            else:
                done_by = operations.get(step.operation_id, transaction)
            after = moved_on(run, position, done_by, now)
            if after is run:
                break
            run = after
        if run is not before:
            keep_moved(tenant, transaction, before, run)
        return run, entries

    run, entries = tenant.transact(write)
    for entry in entries:
        deliver(config, entry)
    if run.status is OperationStatus.FAILED and run.finished_at == now and run.error is not None:
        # The operation of the step has paged, where that is anybody's to mend.
        log("WARNING", "run failed", operation=run.id, client_id=tenant.client_id, code=run.error["code"])
    return run.status


def steps_of(tenant: Tenant, source_ids: Sequence[str] | None = None) -> tuple[RunStep, ...]:
    """The steps of the client's run: what its sources bring, and what follows for every client. A read a source.

    Without `source_ids` of the sources that are read daily; raises InvalidLines for those that there are not.
    """
    sources = {source.source_id: source.source for source in DataSources(tenant).every()}
    unknown = [
        UnknownSource(f"/source_ids/{number}", f"no source {source_id!r}; there are {', '.join(sources) or 'none'}")
        for number, source_id in enumerate(source_ids or ())
        if source_id not in sources
    ]
    if unknown:
        raise InvalidLines(unknown)
    daily = [source_id for source_id, source in sources.items() if source.schedule == "daily"]
    chosen = daily if source_ids is None else source_ids
    return planned_steps((StepName(kind), source_id) for source_id in chosen for kind in sources[source_id].entities)
