"""Secrets that a folder's stack makes once, so that tokens and passwords outlive a restart."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from infra.local.stack.component import PEPPERS, SIGNING_KEYS

_FILES = {SIGNING_KEYS: "jwt-keys.json", PEPPERS: "password-peppers.json"}


def kept_secrets(folder: Path, variable: str) -> str:
    """The value of one of these variables."""
    file = folder / _FILES[variable]
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as new:
            json.dump({f"local-{secrets.token_hex(4)}": secrets.token_hex(32)}, new)
    return file.read_text()
