"""A file in a form."""

from __future__ import annotations

from typing import Annotated

from flask_openapi3 import FileStorage
from pydantic import AfterValidator
from werkzeug.datastructures import FileStorage as SentFile


def _is_file(value: object) -> object:
    if not isinstance(value, SentFile):
        raise ValueError("send a file, with a file name, and no text")  # noqa: TRY004 - pydantic answers a ValueError
    return value


UploadedFile = Annotated[FileStorage, AfterValidator(_is_file)]
