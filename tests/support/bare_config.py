"""A configuration for apps that reach nothing."""

from __future__ import annotations

import json

import pytest

from shared.config import config


def configure(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    """Make it that of the process; the test calls `config.cache_clear()` at its end."""
    defaults = {
        "GOOGLE_CLOUD_PROJECT": "p",
        "STOCKCAST_FUNCTION_URL": "http://127.0.0.1:9/api/v1/{function}",
        "STOCKCAST_JWT_KEYS": json.dumps({"test": "x" * 32}),
    }
    for name, value in (defaults | environment).items():
        monkeypatch.setenv(name, value)
    config.cache_clear()
