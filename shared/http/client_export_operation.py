"""The operation that exports all data of a client, as it is answered with."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from shared.domain.operation import Operation
from shared.http.operation_fields import NoParameters, OperationFields, followed_at, shown_fields
from shared.http.reply import Reply


class ExportedFile(TypedDict):
    """A file of an export."""

    name: Annotated[str, Field(description="What `file_name` of `/etl/exports/{export_id}/files/{file_name}` names.")]
    source: Annotated[str, Field(description="The collection or table that it holds; `manifest`: a list of the files.")]
    records: Annotated[int, Field(description="Documents, rows or, of the manifest, files in it.")]
    bytes: Annotated[int, Field(description="Its size.")]
    sha256: Annotated[str, Field(description="Of its content, in hexadecimal.")]


class ClientExportResult(TypedDict):
    files: Annotated[list[ExportedFile], Field(description="The files, the manifest behind all others.")]
    expires_at: Annotated[dt.datetime, Field(description="UTC; they are gone after that.")]


class ClientExportOperation(OperationFields):
    """An export of all data of a client."""

    kind: Literal["client_export"]
    parameters: NoParameters
    result: ClientExportResult | None = Field(None, description="Once it has succeeded.")


def accepted_export(operation: Operation) -> Reply:
    """202, with where to follow the operation."""
    own: dict[str, Any] = {"kind": "client_export", "parameters": {}, "result": operation.result}
    return followed_at(operation, ClientExportOperation.model_construct(**own, **shown_fields(operation)))
