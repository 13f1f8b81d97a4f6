"""Locations that the client's own system keeps; those that are kept here are not touched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from shared.domain.imports.location_import import (
    LOCATION_FIELDS,
    app_managed_location_check,
    location_checks,
    synced_location,
)
from shared.domain.imports.spelling import Spellings, spelt
from shared.domain.location import Location
from shared.firestore.locations import Locations
from shared.firestore.transaction import Transaction
from shared.imports.guarded_writes import Change, write_changes
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind, upsert_report
from shared.imports.intake import Intake
from shared.tasks.worker import OperationOutcome


def import_locations(run: ImportRun) -> OperationOutcome:
    """Compare every record with the location that it names, then write those that change."""
    intake = Intake(run.stream, run.folder, by=None)
    locations = Locations(run.tenant)
    stored = {location.location_id: location for location in locations.every()}
    ids = Spellings(stored, learns=True)
    intake.read_all(location_checks(), run.progress.step, partial(spelt, location_id=ids))
    run.progress.step("comparing")
    here = pl.Series([key for key, location in stored.items() if not location.is_synced], dtype=pl.String)
    changes: list[Change[str, Location]] = []
    for partition in intake.partitions():
        records = intake.reject(intake.distinct(partition, ["location_id"]), [app_managed_location_check(here)])
        for record in records.iter_rows(named=True):
            before = stored.get(record["location_id"])
            after = synced_location(before, record)
            if after != before:
                changes.append(Change(after.location_id, before, after))
    run.keep_rejects(intake)

    def put(transaction: Transaction, after: Sequence[Location], _: object) -> None:
        for location in after:
            locations.put_details(transaction, location)

    result = upsert_report(run, intake, changes)
    written = run.write(result, changes, lambda some: write_changes(run.tenant, some, locations.get_many, put))
    return OperationOutcome(written, intake.counts)


# Lists read locations from their documents.
LOCATIONS = RunKind(
    {Aggregate.NONE: LOCATION_FIELDS},
    (WriteMode.UPSERT,),
    import_locations,
    rebuilds_catalog=False,
    refreshes_catalog=False,
)
