"""What `make tick` says: a line for each step that has changed, and what is missing where nothing runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.tick import TickError, lines, tick
from shared.domain.operation import Operation, OperationKind, OperationStatus, RunStep, StepName

NOW = dt.datetime(2024, 6, 3, 5, tzinfo=dt.UTC)
PRODUCTS = RunStep(StepName.PRODUCTS, "erp")


def test_a_line_for_each_step_that_has_changed() -> None:
    began = replace(PRODUCTS, status=OperationStatus.RUNNING, operation_id="one", attempts=1)
    ended = replace(began, status=OperationStatus.SUCCEEDED)
    again = RunStep(StepName.FORECAST, None, OperationStatus.RUNNING, "two", 2)
    run = Operation("run", OperationKind.ETL_RUN, OperationStatus.RUNNING, NOW, "ann", steps=(ended, again))
    assert list(lines((), run)) == ["products of erp: succeeded   one", "forecast: running (attempt 2)   two"]
    assert list(lines((began, again), run)) == ["products of erp: succeeded   one"]
    assert list(lines(run.steps, run)) == []
    assert list(lines((), replace(run, steps=(PRODUCTS,)))) == []


def test_without_a_stack_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(TickError, match="start it with `make run`"):
        tick(tmp_path, NOW, print)
