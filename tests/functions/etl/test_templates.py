"""Templates: what is filled in under their header is read without a mapping."""

from __future__ import annotations

import csv
import io
from functools import partial

import openpyxl
import pytest

from functions.etl.templates import csv_template, xlsx_template
from shared.domain.imports.given_notation import FOUND
from shared.domain.imports.import_errors import UnusableFile
from shared.domain.imports.record_checks import check_records, field_checks
from shared.imports.column_finding import header_fit
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.import_options import Aggregate, ImportKind
from shared.imports.notation_detection import with_notation
from shared.imports.readers.csv import open_csv
from shared.imports.record_stream import RecordStream, stream_of
from shared.imports.run_kinds import run_kind
from tests.support.importer import BUSINESS_DATE, Importer
from tests.support.problems import assert_problem

TEMPLATES = [(kind, how) for kind in ImportKind for how in run_kind(kind).fields]


def stream(content: bytes, kind: ImportKind, how: Aggregate) -> RecordStream:
    declared = run_kind(kind)
    source = open_csv(partial(io.BytesIO, content), fit=header_fit(declared.mapped_fields(None), ()))
    assert declared.aggregate_of((), source.header) is how
    return with_notation(stream_of(source, NO_MAPPING, declared.fields[how], "UTC"), FOUND, BUSINESS_DATE)


@pytest.mark.parametrize(("kind", "how"), TEMPLATES)
def test_the_examples_of_its_columns_are_a_record(kind: ImportKind, how: Aggregate) -> None:
    fields = run_kind(kind).fields[how]
    row = io.StringIO()
    csv.writer(row).writerow(field.example for field in fields)
    records = stream(csv_template(fields) + row.getvalue().encode(), kind, how).whole().records
    accepted, rejects = check_records(records, field_checks(fields))
    assert rejects.rows() == []
    (values,) = accepted.select(field.name for field in fields).rows()
    assert None not in values
    assert all(field.meaning for field in fields)


@pytest.mark.parametrize(("kind", "how"), TEMPLATES)
def test_a_blank_one_says_what_to_do(kind: ImportKind, how: Aggregate) -> None:
    with pytest.raises(UnusableFile, match="no records; fill in a row for each") as refused:
        stream(csv_template(run_kind(kind).fields[how]), kind, how).whole()
    assert refused.value.code == "empty_file"


def test_a_workbook_says_what_each_column_holds() -> None:
    fields = run_kind(ImportKind.PRODUCTS).fields[Aggregate.NONE]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_template(ImportKind.PRODUCTS, fields)))
    header, described = book["products"], book["columns"]
    names = [field.name for field in fields]
    assert list(header.values) == [tuple(names)]
    assert [row[0] for row in described.values] == ["column", *names]
    cost = next(row for row in described.values if row[0] == "unit_cost")
    assert cost == ("unit_cost", "no", "an amount of money", "What a unit costs you.", "2.85")


def test_templates_are_downloaded_required_columns_first(caller: Importer) -> None:
    given = caller.get("/etl/templates/product-suppliers")
    assert given.headers["Content-Disposition"] == 'attachment; filename="product-suppliers.csv"'
    assert given.content.decode("utf-8-sig").startswith("item_id,supplier_id,")
    assert caller.imported(caller.get("/etl/templates/sales-history").content)["error"]["code"] == "empty_file"
    workbook = caller.get("/etl/templates/sales-history", format="xlsx", aggregate="invoice_lines").content
    assert caller.imported(workbook, "sales.xlsx")["error"]["code"] == "empty_file"
    assert_problem(caller.get("/etl/templates/products", aggregate="invoice_lines"), 422, "not_for_this_kind")
