"""The OpenAPI document of all functions, as a file: `python -m infra.openapi_document` writes docs/openapi.json."""

from __future__ import annotations

import json
from pathlib import Path

from infra.local.stack.gateway import gateway

DOCUMENT = Path(__file__).parents[1] / "docs" / "openapi.json"


def text() -> str:
    """The document with its keys in order, so that a change shows as one."""
    return json.dumps(gateway().document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text())
