"""What an import is asked to do, as far as it can be judged at once: what its kind and its format do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.etl.import_request import LAYOUT_OF
from shared.domain.errors import InvalidField
from shared.domain.location import LocationNotFound
from shared.firestore.locations import Locations
from shared.imports.import_options import KINDS_BY_LOCATION, ImportKind, WriteMode
from shared.imports.readers.file_reading import FileReading
from shared.imports.readers.formats import SourceFormat
from shared.imports.run_kinds import run_kind
from shared.request_context import RequestContext

if TYPE_CHECKING:
    from functions.etl.schemas import FileImportForm


class ModeNotForKind(InvalidField):
    """This mode or aggregation is not for this kind of import."""

    code = "not_for_this_kind"


def reading_of(form: FileImportForm, source_format: SourceFormat) -> FileReading:
    """How the form says that the file is laid out; raises Invalid for what its format does not have."""
    for name, formats in LAYOUT_OF.items():
        if getattr(form, name) is not None and source_format not in formats:
            allowed = " and ".join(found.value for found in formats)
            raise ModeNotForKind(f"form/{name}", f"{name} is for {allowed} files, this one is {source_format.value}")
    return FileReading(form.encoding, form.delimiter, form.header_row, form.sheet)


def check_default_location(
    context: RequestContext, kind: ImportKind, location_id: str | None, pointer: str = "form/default_location_id"
) -> None:
    """Raises Invalid for a default location of a kind whose records are not of one, and for one that is unknown."""
    if location_id is None:
        return
    if kind not in KINDS_BY_LOCATION:
        kinds = ", ".join(KINDS_BY_LOCATION)
        raise ModeNotForKind(pointer, f"default_location_id is for {kinds}, not for {kind}")
    if not Locations(context.tenant).exists(location_id):
        raise LocationNotFound(location_id).at(pointer, "add it at /locations first")


def mode_of(form: FileImportForm) -> WriteMode:
    """The mode that the form names, or the first one of its kind; raises Invalid for another kind's."""
    allowed = run_kind(form.kind).modes
    mode = form.mode or allowed[0]
    if mode not in allowed:
        raise ModeNotForKind("form/mode", f"mode={mode} is not for {form.kind}, whose mode is always {allowed[0]}")
    return mode
