"""A tiny Chronos-2 with random weights: the real architecture, some thousand parameters, meaningless forecasts."""

from __future__ import annotations

from pathlib import Path

import torch
from chronos.chronos2 import Chronos2CoreConfig, Chronos2ForecastingConfig, Chronos2Model

# Those of the published model.
QUANTILES = (0.01, *(round(0.05 * step, 2) for step in range(1, 20)), 0.99)


def save_tiny_chronos(
    folder: Path, *, d_model: int = 16, layers: int = 2, patch: int = 8, context: int = 128, horizon: int = 512
) -> Path:
    """Write a model that sees `context` days and forecasts `horizon`, the same each time; returns the folder."""
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
        d_model=d_model,
        d_kv=8,
        d_ff=d_model,
        num_layers=layers,
        num_heads=2,
        dropout_rate=0.1,
        initializer_factor=0.4,
        chronos_config=vars(forecasting),
        architectures=["Chronos2Model"],
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        Chronos2Model(config).save_pretrained(folder)
    return folder
