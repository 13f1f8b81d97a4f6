"""Which weights are the right ones: those whose files have the pinned SHA-256, and no others.

A folder of weights is two files. Its manifest is what `sha256sum config.json model.safetensors` prints, and its digest
the SHA-256 of that, so that one value pins both:

    sha256sum config.json model.safetensors | sha256sum

The weights that the platform forecasts with are pinned by STOCKCAST_CHRONOS_SHA256. Those tuned for a client have
their manifest beside them, written by the fine-tuning: it shows damage and half a copy; who may write there is for the
bucket's permissions to say, which do not let the job.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

CONFIG_FILE, TENSORS_FILE = FILES = ("config.json", "model.safetensors")
MANIFEST_FILE = "weights.sha256"
PIN_VARIABLE = "STOCKCAST_CHRONOS_SHA256"


class UnknownWeightsError(ValueError):
    """The files are not those that were pinned."""


@dataclass(frozen=True)
class Weights:
    """A local folder or a `gs://bucket/folder`, and its digest; None: by the manifest that lies in it."""

    folder: str
    sha256: str | None


def manifest(folder: Path) -> str:
    """A line for each of the files, as `sha256sum` prints and checks them. Raises OSError for one that is not there."""
    lines = []
    for name in FILES:
        with (folder / name).open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    return "".join(lines)


def digest(folder: Path) -> str:
    """The value that pins the files of a folder. Raises OSError for one that is not there."""
    return hashlib.sha256(manifest(folder).encode()).hexdigest()


def check(folder: Path, weights: Weights) -> None:
    """Whether the files of the (copied) folder are those that are pinned. Raises UnknownWeightsError, and OSError for
    one that is not there."""
    if weights.sha256 is None:
        file = folder / MANIFEST_FILE
        if not file.is_file():
            raise UnknownWeightsError(f"there is no {MANIFEST_FILE} in it, which the fine-tuning writes")
        if file.read_text() != manifest(folder):
            raise UnknownWeightsError(f"its files are not those of its {MANIFEST_FILE}")
        return
    found = digest(folder)
    if found != weights.sha256.lower():
        pinned = f"not the pinned {weights.sha256}" if weights.sha256 else f"and {PIN_VARIABLE} is not set"
        raise UnknownWeightsError(f"the digest of its files is {found}, {pinned}")
