"""Chronos-2 from a folder of weights: on this machine, or copied from a bucket, which the library does not read."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from chronos import Chronos2Pipeline
from chronos.chronos2 import Chronos2Model
from safetensors import SafetensorError
from transformers.utils import logging as library_log

from forecast_job.engines import EngineUnavailable
from shared.config import config

_BUCKET_SCHEME = "gs://"
_CONFIG_FILE = "config.json"
# What the library is seen to raise for a folder that holds something else, or half of it.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
    SafetensorError,
)


@dataclass(frozen=True)
class Device:
    """Where a model computes, and how precisely."""

    name: str
    dtype: torch.dtype


CPU = Device("cpu", torch.float32)
GPU = Device("cuda", torch.bfloat16)


def best_device() -> Device:
    """The GPU where there is one."""
    return GPU if torch.cuda.is_available() else CPU


@lru_cache(maxsize=1)
def load_pipeline(weights: str, device: Device) -> Chronos2Pipeline:
    """The model of a local folder or of a `gs://bucket/folder`, kept for the next client.

    Raises EngineUnavailable, with what is wrong in one line, when the weights are missing, broken, or not all there.
    Nothing is ever looked for on the internet.
    """
    with ExitStack() as stack:
        folder = Path(weights)
        if weights.startswith(_BUCKET_SCHEME):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="weights-")))
            _copy(weights, folder)
        if not (folder / _CONFIG_FILE).is_file():
            raise _unusable(weights, f"there is no {_CONFIG_FILE} in it")
        try:
            return _tried(Chronos2Pipeline(_model(folder, device)))
        except _UNREADABLE as error:
            raise _unusable(weights, f"{type(error).__name__}: {error}") from error


def _model(folder: Path, device: Device) -> Chronos2Model:
    """Raises one of _UNREADABLE. The library fills missing tensors with random ones and says so only in a log."""
    library_log.set_verbosity_error()
    library_log.disable_progress_bar()
    model, loaded = Chronos2Model.from_pretrained(
        str(folder), dtype=device.dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
    )
    if missing := sorted(loaded["missing_keys"]):
        raise ValueError(f"{len(missing)} tensors are missing, among them {missing[0]}")
    broken = [name for name, tensor in model.named_parameters() if not torch.isfinite(tensor).all()]
    if broken:
        raise ValueError(f"{broken[0]} holds values that are no numbers")
    return model.to(device.name).eval()


def _tried(pipeline: Chronos2Pipeline) -> Chronos2Pipeline:
    """The pipeline, once it has forecast something: a broken configuration shows only then."""
    (predicted,) = pipeline.predict([torch.arange(32.0)], prediction_length=1)
    if not torch.isfinite(predicted).all():
        raise ValueError("they forecast values that are no numbers")
    return pipeline


def _copy(source: str, folder: Path) -> None:
    """Copy the files directly under a `gs://bucket/folder`; raises EngineUnavailable when there are none."""
    from google.api_core.exceptions import GoogleAPIError

    bucket, _, path = source.removeprefix(_BUCKET_SCHEME).partition("/")
    prefix = f"{path.rstrip('/')}/" if path.strip("/") else ""
    try:
        for blob in config().storage.list_blobs(bucket, prefix=prefix):
            name = blob.name.removeprefix(prefix)
            if name and "/" not in name:
                blob.download_to_filename(str(folder / name))
    except GoogleAPIError as error:
        raise _unusable(source, str(error)) from error


def _unusable(weights: str, why: str) -> EngineUnavailable:
    line = " ".join(why.split())[:300]
    return EngineUnavailable("engine_unavailable", f"the Chronos-2 weights in {weights} cannot be used: {line}")
