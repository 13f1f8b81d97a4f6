"""Folders of Chronos-2 weights, pinned as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_job.engines.pinning import PIN_VARIABLE, Weights, digest
from forecast_job.engines.registry import WEIGHTS_VARIABLE


def pinned(folder: Path | str) -> Weights:
    """The weights of a local folder as they are now."""
    return Weights(str(folder), digest(Path(folder)))


def weights_environment(folder: Path | str) -> dict[str, str]:
    """What names the weights of a local folder, and pins them; a folder that is not there has nothing to pin."""
    return {WEIGHTS_VARIABLE: str(folder), PIN_VARIABLE: digest(Path(folder)) if Path(folder).is_dir() else ""}


def use_weights(monkeypatch: pytest.MonkeyPatch, folder: Path | str) -> None:
    """Have the job forecast with the weights of a local folder."""
    for name, value in weights_environment(folder).items():
        monkeypatch.setenv(name, value)
