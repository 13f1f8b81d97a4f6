"""Tools about what the platform does in the background: imports, daily runs, forecasts, and the check of the data."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.domain.operation import OperationStatus
from shared.tools.call import encoded, get
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


class Rejects(Arguments):
    run_id: Annotated[str, Field(min_length=1, max_length=200, description="The id of an import.")]
    limit: Limit = 20


_REJECTED = (
    Column("row_number", "Row", Kind.COUNT),
    Column("check", "Check"),
    Column("reason", "Reason"),
    Column("field", "Field"),
)


def _show_rejects(given: Rejects, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total = content["items"], content["total"]
    figures = (figure("Rejected", total, Kind.COUNT, client),)
    if not rows:
        return Shown("No record was rejected.", figures, links=(_DATA,))
    checks = Counter(row["check"] for row in rows)
    parts = [f"{number} {check.replace('_', ' ')}" for check, number in checks.most_common(4)]
    first = rows[0]
    sentence = f"{counted(total, 'record')} rejected: {', '.join(parts)}. "
    sentence += f"Row {first['row_number']}: {name(first['reason'])}."
    return Shown(sentence, figures, table(_REJECTED, rows, ["/data" for _ in rows], total), (_DATA,))


class Changes(Arguments):
    subject: Annotated[
        Literal["purchase_order", "product_supplier", "settings", "import_mapping", "stock_level", "source", "user"]
        | None,
        Field(description="What was changed."),
    ] = None
    from_date: Annotated[dt.date | None, Field(description="On this day or later.")] = None
    to_date: Annotated[dt.date | None, Field(description="On this day or earlier.")] = None
    limit: Limit = 20


_CHANGES = (
    Column("created_at", "When", Kind.DATE),
    Column("user_id", "Who"),
    Column("action", "What"),
    Column("subject_id", "Of"),
)


def _show_changes(given: Changes, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total = content["items"], content["total"]
    link = page("Settings", "/settings")
    figures = (figure("Changes", total, Kind.COUNT, client),)
    if not rows:
        return Shown("No changes.", figures, links=(link,))
    actions = Counter(row["action"] for row in rows)
    parts = [f"{number} x {action.replace('_', ' ').replace('.', ' ')}" for action, number in actions.most_common(4)]
    shown = table(_CHANGES, rows, [None for _ in rows], total)
    return Shown(f"{counted(total, 'change')}: {', '.join(parts)}.", figures, shown, (link,))


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
IMPORT_REJECTS = ReadingTool(
    "import_rejects",
    "The records that an import did not take, each with its row and the reason.",
    Rejects,
    lambda given: get(f"/etl/runs/{encoded(given.run_id)}/rejects", page_size=given.limit),
    _show_rejects,
)
LIST_CHANGES = ReadingTool(
    "list_changes",
    "Who changed what, newest first: orders, terms, settings, stock, users. For administrators.",
    Changes,
    lambda given: get("/audit", **given.model_dump(exclude_none=True, exclude={"limit"}), page_size=given.limit),
    _show_changes,
)
TOOLS = (LIST_OPERATIONS, LIST_IMPORTS, DATA_VALIDATION, IMPORT_REJECTS, LIST_CHANGES)
