"""Tools about what the platform does in the background: imports, daily runs, forecasts, and the check of the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from shared.domain.operation import OperationStatus
from shared.tools.call import get
from shared.tools.showing import ClientFacts, Column, Kind, Shown, counted, day, figure, name, page, table
from shared.tools.tool import Arguments, Limit, ReadingTool


class WorkList(Arguments):
    status: Annotated[list[OperationStatus] | None, Field(description="In one of these states.")] = None
    limit: Limit = 20


class Validation(Arguments):
    pass


_DATA = page("Data", "/data")
_COLUMNS = (
    Column("kind", "What"),
    Column("status", "Status"),
    Column("created_at", "Started", Kind.DATE),
    Column("read", "Read", Kind.COUNT),
    Column("rejected", "Rejected", Kind.COUNT),
    Column("detail", "Error"),
)


def _show_work(given: WorkList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows = [_row(each) for each in content["items"]]
    total = content["total"]
    status = " or ".join(each.value for each in given.status or ()) + (" " if given.status else "")
    figures = (figure("Runs", total, Kind.COUNT, client),)
    if not rows:
        return Shown(f"No {status}runs.", figures, links=(_DATA,))
    latest = rows[0]
    sentence = f"{counted(total, f'{status}run')}. The latest: {latest['kind']} of {day(latest['created_at'])}, "
    sentence += latest["status"] + (f": {name(latest['detail'])}" if latest["detail"] else "")
    sentence += f", {counted(latest['rejected'], 'record')} rejected." if latest["rejected"] else "."
    return Shown(sentence, figures, table(_COLUMNS, rows, ["/data" for _ in rows], total), (_DATA,))


def _row(work: Mapping[str, Any]) -> dict[str, Any]:
    counts, error = work["counts"] or {}, work["error"] or {}
    return {
        "kind": work["kind"].removeprefix("etl_").replace("_", " ").replace(".", " of "),
        "status": work["status"],
        "created_at": work["created_at"],
        "read": counts.get("read"),
        "rejected": counts.get("rejected"),
        "detail": error.get("detail"),
    }


def _show_validation(given: Validation, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    checks, summary = content["checks"], content["summary"]
    figures = tuple(
        figure(label, summary[severity], Kind.COUNT, client)
        for severity, label in (("error", "Errors"), ("warning", "Warnings"), ("info", "Notes"))
    )
    columns = (
        Column("severity", "Severity"),
        Column("meaning", "What"),
        Column("count", "Now", Kind.COUNT),
        Column("previous_count", "Before", Kind.COUNT),
    )
    found = [check for check in checks if check["count"]]
    sentence = f"The data of {day(content['as_of'])}: {counted(summary['error'], 'error')}, "
    sentence += f"{counted(summary['warning'], 'warning')} and {counted(summary['info'], 'note')}."
    if content["suspicious"]:
        sentence += " Something has changed more than usual: look before you order."
    return Shown(sentence, figures, table(columns, found, ["/data" for _ in found], len(found)), (_DATA,))


LIST_OPERATIONS = ReadingTool(
    "list_operations",
    "Background work, newest first: daily runs, imports, forecasts, refreshes; which failed, and why.",
    WorkList,
    lambda given: get("/operations", status=given.status, page_size=given.limit),
    _show_work,
)
LIST_IMPORTS = ReadingTool(
    "list_imports",
    "Imports and syncs, newest first: how many records were read and rejected, which failed, and why.",
    WorkList,
    lambda given: get("/etl/runs", status=given.status, page_size=given.limit),
    _show_work,
)
DATA_VALIDATION = ReadingTool(
    "data_validation",
    "The latest check of the client's data: errors, warnings, and what changed suspiciously.",
    Validation,
    lambda _: get("/etl/validation"),
    _show_validation,
)
TOOLS = (LIST_OPERATIONS, LIST_IMPORTS, DATA_VALIDATION)
