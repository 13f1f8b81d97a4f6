"""Files as people have them: read without a mapping, or asked about, never guessed."""

from __future__ import annotations

import pytest

from tests.shared.imports.messy_files import ANSWERED, FOLDER, REPORTED, WRITTEN, MessyFile, outcome, share_read


@pytest.mark.parametrize("file", [*REPORTED, *WRITTEN, *ANSWERED], ids=lambda file: file.name)
def test_what_becomes_of_the_file(file: MessyFile) -> None:
    found = outcome(file)
    assert (found.refused, found.accepted, found.rejected) == (file.refused, file.accepted, file.rejected), found.detail


def test_every_file_is_in_the_table() -> None:
    assert {file.name for file in (*REPORTED, *WRITTEN)} == {path.name for path in FOLDER.iterdir()}


def test_the_share_that_is_read_is_told() -> None:
    assert share_read(WRITTEN).startswith("19 of 23 files are read without a mapping\nen_lightspeed_inventory.csv: ")
