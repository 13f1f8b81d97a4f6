"""What the kinds of runs declare."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shared.imports.column_finding import find_columns
from shared.imports.import_options import KINDS_BY_LOCATION, Aggregate, ImportKind, WriteMode
from shared.imports.run_kinds import run_kind

_KEYS = {ImportKind.LOCATIONS: "location_id", ImportKind.SUPPLIERS: "name"}


@pytest.mark.parametrize("kind", ImportKind)
def test_every_kind_needs_its_key_and_has_a_default_mode(kind: ImportKind) -> None:
    declared = run_kind(kind)

    assert declared.modes
    assert Aggregate.NONE in declared.fields
    for fields in declared.fields.values():
        assert next(field for field in fields if field.name == _KEYS.get(kind, "item_id")).required


def test_a_product_has_a_sku_of_its_own() -> None:
    (fields,) = run_kind(ImportKind.PRODUCTS).fields.values()

    assert find_columns(fields, ["item_id", "sku nr"]).columns == {"item_id": "item_id", "sku": "sku nr"}
    assert find_columns(fields, ["sku"]).columns == {"item_id": "sku"}  # the one number is what it is known by


def test_only_sales_come_as_invoice_lines_and_what_is_of_a_location_in_both_modes() -> None:
    aggregated = [kind for kind in ImportKind if Aggregate.INVOICE_LINES in run_kind(kind).fields]
    of_both_modes = [kind for kind in ImportKind if set(run_kind(kind).modes) == set(WriteMode)]

    assert aggregated == [ImportKind.SALES_HISTORY]
    assert of_both_modes == list(KINDS_BY_LOCATION)


@pytest.mark.parametrize("kind", ImportKind)
def test_the_kinds_with_a_default_location_are_those_that_have_one(kind: ImportKind) -> None:
    fields = run_kind(kind).fields[Aggregate.NONE]

    of_location = kind is not ImportKind.LOCATIONS and any(field.name == "location_id" for field in fields)
    assert of_location == (kind in KINDS_BY_LOCATION)


@pytest.mark.integration
def test_declaring_the_kinds_imports_no_reader_and_no_client_of_bigquery() -> None:
    heavy = ("openpyxl", "pyarrow", "google.cloud.bigquery", "google.cloud.storage")
    script = f"""
import sys
import functions.etl.main, functions.suppliers.main
from shared.imports.column_finding import find_columns
from shared.imports.import_options import ImportKind
from shared.imports.run_kinds import run_kind
kinds = [run_kind(kind) for kind in ImportKind]
print([name for name in {heavy} if name in sys.modules])
"""
    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout

    assert printed.strip() == "[]"
