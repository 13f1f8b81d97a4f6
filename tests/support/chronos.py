"""Chronos-2 models with random weights: the real architecture, meaningless forecasts."""

from __future__ import annotations

from pathlib import Path

import torch
from chronos.chronos2 import Chronos2CoreConfig, Chronos2ForecastingConfig, Chronos2Model

# Those of the published model.
QUANTILES = (0.01, *(round(0.05 * step, 2) for step in range(1, 20)), 0.99)


def save_tiny_chronos(
    folder: Path, *, d_model: int = 16, layers: int = 2, patch: int = 8, context: int = 128, horizon: int = 512
) -> Path:
    """Write a model of some thousand parameters that sees `context` days and forecasts `horizon`, the same each time;
    returns the folder."""
    core = {"d_model": d_model, "d_kv": 8, "d_ff": d_model, "num_layers": layers, "num_heads": 2}
    return _save(folder, core, patch, context, horizon, initializer_factor=0.4)


def save_published_size(folder: Path) -> Path:
    """Write a model of the size of the published one, its config.json but for the weights: 120 million parameters,
    8,192 days seen, 1,024 forecast. Half a gigabyte; returns the folder."""
    core = {"d_model": 768, "d_kv": 64, "d_ff": 3072, "num_layers": 12, "num_heads": 12}
    return _save(folder, core, patch=16, context=8192, horizon=1024, initializer_factor=0.05)


def _save(
    folder: Path, core: dict[str, int], patch: int, context: int, horizon: int, initializer_factor: float
) -> Path:
    forecasting = Chronos2ForecastingConfig(
        context_length=context,
        output_patch_size=patch,
        input_patch_size=patch,
        input_patch_stride=patch,
        quantiles=list(QUANTILES),
        use_reg_token=True,
        use_arcsinh=True,
        max_output_patches=horizon // patch,
        time_encoding_scale=context,
    )
    config = Chronos2CoreConfig(
        **core,
        dropout_rate=0.1,
        initializer_factor=initializer_factor,
        chronos_config=vars(forecasting),
        architectures=["Chronos2Model"],
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        Chronos2Model(config).save_pretrained(folder)
    return folder
