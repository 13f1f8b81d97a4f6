"""`python -m tests.examples` records the examples anew, against a stack of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

from shared.http.document.examples import EXAMPLES
from tests.examples.recorder import text
from tests.examples.recording import record
from tests.support.running import everything

with tempfile.TemporaryDirectory() as folder, everything(Path(folder)) as running:
    EXAMPLES.write_text(text(record(running)))
