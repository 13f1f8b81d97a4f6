"""What the document says of an import's parameters is what imports know."""

from __future__ import annotations

from typing import get_args

import pytest

from shared.domain.operation import OperationKind
from shared.http.operation_results import Aggregation, FileFormat, Mode, RecordKind
from shared.imports.import_options import Aggregate, ImportKind, WriteMode
from shared.imports.readers.formats import SourceFormat


def test_the_values_are_those_of_the_imports() -> None:
    for declared, used in (
        (RecordKind, ImportKind),
        (FileFormat, SourceFormat),
        (Aggregation, Aggregate),
        (Mode, WriteMode),
    ):
        assert set(get_args(declared)) == {member.value for member in used}


@pytest.mark.parametrize("family", ["etl_import", "etl_sync"])
def test_each_kind_of_records_is_imported_and_synced_by_an_operation(family: str) -> None:
    operations = {kind.value for kind in OperationKind if kind.value.startswith(f"{family}.")}
    assert operations == {f"{family}.{kind.value}" for kind in ImportKind}
