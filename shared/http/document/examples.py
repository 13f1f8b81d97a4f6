"""The examples of the document: for each operation a request and what it was answered with.

`python -m tests.examples` records them, and a test does so again and compares.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

EXAMPLES = Path(__file__).with_suffix(".json")


def recorded() -> dict[str, dict[str, Any]]:
    """By operation id: `path`, `query`, `body` or `form` of the request, and the `answer`, where there are any."""
    return cast(dict[str, dict[str, Any]], json.loads(EXAMPLES.read_text()))
