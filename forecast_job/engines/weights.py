"""Chronos-2 from a folder of weights: on this machine, or copied from a bucket, which the library does not read.

Only the files that are pinned are copied and loaded (pinning), tensors as safetensors: nothing in them is ever run.
Within the folder, `clients/{client_id}` holds the weights that were tuned for a client (forecast_job.finetune).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import torch
from chronos import Chronos2Pipeline
from chronos.chronos2 import Chronos2Model
from safetensors import SafetensorError
from transformers.utils import logging as library_log

from forecast_job.engines import EngineUnavailable
from forecast_job.engines.pinning import CONFIG_FILE, FILES, MANIFEST_FILE, PIN_VARIABLE, Weights, check, digest
from shared.config import config
from shared.domain.forecast_engine import FallbackCode
from shared.domain.forecast_request import MAX_HORIZON_DAYS
from shared.object_storage import storage_client

_BUCKET_SCHEME = "gs://"
_DEVICES = Path("/dev")
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
    """The GPU where there is one.

    Raises EngineUnavailable for one that torch was built for but cannot use: a run that was given a GPU would take a
    hundred times as long without.
    """
    if torch.cuda.is_available():
        return GPU
    if torch.version.cuda is not None and any(_DEVICES.glob("nvidia[0-9]*")):
        raise EngineUnavailable(
            FallbackCode.GPU_UNUSABLE,
            f"torch {torch.__version__} cannot use the GPU here: it needs a driver for CUDA {torch.version.cuda}",
        )
    return CPU


def full_precision(device: Device) -> Device:
    """There, in float32: for training, which needs it."""
    return Device(device.name, torch.float32)


def clients_folder(weights: str, client_id: str) -> str:
    """Where the weights of a client's own are looked for, and put. In the path its id is percent-encoded, dots too: no
    id leads out of the folder."""
    return f"{weights.rstrip('/')}/clients/{quote(client_id, safe='').replace('.', '%2E')}"


def weights_for(base: Weights, client_id: str) -> Weights:
    """The client's own weights where there are any, else those of the folder itself.

    Raises EngineUnavailable when the bucket cannot be read.
    """
    own = clients_folder(base.folder, client_id)
    return Weights(own, None) if _holds_model(own) else base


@lru_cache(maxsize=2)
def load_pipeline(weights: Weights, device: Device) -> Chronos2Pipeline:
    """The model of a local folder or of a `gs://bucket/folder`, kept for the next client. Two of them,
    as the one for most clients alternates with those tuned for some.

    Raises EngineUnavailable, with what is wrong in one line, when the weights are missing, broken, not all there, or
    not those that are pinned. Nothing is ever looked for on the internet.
    """
    with ExitStack() as stack:
        folder = Path(weights.folder)
        if weights.folder.startswith(_BUCKET_SCHEME):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="weights-")))
            _copy(weights.folder, folder)
        if not (folder / CONFIG_FILE).is_file():
            raise _unusable(weights.folder, f"there is no {CONFIG_FILE} in it", FallbackCode.WEIGHTS_MISSING)
        try:
            check(folder, weights)
            return _tried(Chronos2Pipeline(_model(folder, device)))
        except torch.OutOfMemoryError as error:
            raise _unusable(weights.folder, str(error), FallbackCode.OUT_OF_MEMORY) from error
        except _UNREADABLE as error:
            raise _unusable(weights.folder, f"{type(error).__name__}: {error}") from error


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
    if pipeline.model_prediction_length < MAX_HORIZON_DAYS:
        raise ValueError(f"they forecast {pipeline.model_prediction_length} days at once, not {MAX_HORIZON_DAYS}")
    (predicted,) = pipeline.predict([torch.arange(32.0)], prediction_length=1)
    if not torch.isfinite(predicted).all():
        raise ValueError("they forecast values that are no numbers")
    return pipeline


def save(folder: Path, target: str) -> None:
    """Put the files of a local folder into another one or a `gs://bucket/folder`, config.json last: as long as it is
    not there, nobody takes the others for a model. Raises OSError and what Cloud Storage raises."""
    for file in sorted(folder.iterdir(), key=lambda path: path.name == CONFIG_FILE):
        if target.startswith(_BUCKET_SCHEME):
            bucket, prefix = _place(target)
            storage_client(config()).bucket(bucket).blob(f"{prefix}{file.name}").upload_from_filename(str(file))
        else:
            Path(target).mkdir(parents=True, exist_ok=True)
            part = Path(target) / f".{file.name}.part"
            shutil.copyfile(file, part)
            os.replace(part, Path(target) / file.name)


def _try(folder: str) -> None:
    """For the image's build: print what pins the weights; raises EngineUnavailable for those that cannot be used."""
    found = digest(Path(folder))
    load_pipeline(Weights(folder, found), CPU)
    sys.stdout.write(f"{PIN_VARIABLE}={found}\n")


def _holds_model(weights: str) -> bool:
    from google.api_core.exceptions import GoogleAPIError

    if not weights.startswith(_BUCKET_SCHEME):
        return (Path(weights) / CONFIG_FILE).is_file()
    bucket, prefix = _place(weights)
    try:
        return bool(storage_client(config()).bucket(bucket).blob(f"{prefix}{CONFIG_FILE}").exists())
    except GoogleAPIError as error:
        raise _unusable(weights, str(error), FallbackCode.WEIGHTS_MISSING) from error


def _copy(source: str, folder: Path) -> None:
    """Copy the files of a model that lie directly under a `gs://bucket/folder`, and no others; raises
    EngineUnavailable when they cannot be read."""
    from google.api_core.exceptions import GoogleAPIError

    bucket, prefix = _place(source)
    try:
        for blob in storage_client(config()).list_blobs(bucket, prefix=prefix):
            name = blob.name.removeprefix(prefix)
            if name in (*FILES, MANIFEST_FILE):
                blob.download_to_filename(str(folder / name))
    except GoogleAPIError as error:
        raise _unusable(source, str(error), FallbackCode.WEIGHTS_MISSING) from error


def _place(address: str) -> tuple[str, str]:
    """Bucket and prefix of a `gs://bucket/folder`; the prefix ends in a slash unless it is empty."""
    bucket, _, path = address.removeprefix(_BUCKET_SCHEME).partition("/")
    return bucket, f"{path.strip('/')}/" if path.strip("/") else ""


def _unusable(weights: str, why: str, code: FallbackCode = FallbackCode.WEIGHTS_INVALID) -> EngineUnavailable:
    line = " ".join(why.split())[:300]
    return EngineUnavailable(code, f"the Chronos-2 weights in {weights} cannot be used: {line}")


if __name__ == "__main__":
    _try(sys.argv[1])
