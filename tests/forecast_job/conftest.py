"""Weights for the tests of Chronos-2."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny random model; not to be changed. The library is imported only here, it takes seconds."""
    import torch

    from tests.support.chronos import save_tiny_chronos

    torch.set_num_threads(1)  # so small a model is slower on several, above all on a busy machine
    return save_tiny_chronos(tmp_path_factory.mktemp("weights"))
