"""A file in a form."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema
from werkzeug.datastructures import FileStorage


def _is_file(value: object) -> object:
    if not isinstance(value, FileStorage):
        raise ValueError("send a file, with a file name, and no text")  # noqa: TRY004 - pydantic answers a ValueError
    return value


UploadedFile = Annotated[FileStorage, PlainValidator(_is_file), WithJsonSchema({"type": "string", "format": "binary"})]
