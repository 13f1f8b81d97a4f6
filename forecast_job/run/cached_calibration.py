"""A client's calibration, cached in the bucket: other shards and later runs of the day need not learn it.

One object a calibration, `checkpoints/{client}/learned/{digest}`: a checksum, then its arrays as numpy keeps them, so
that what is kept equals what would be learned to the last bit. The digest is made of everything that decides it, the
version of the calculation among it, so nothing is ever out of date: a record that was corrected, or another
CALIBRATION_VERSION, has another digest. Two that learn the same concurrently write the same. It only saves time: what
cannot be read is learned again.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.progress import JobProgress, in_a_line
from forecast_job.run.bucket import Bucket
from forecast_job.totals.calibration import Calibration
from forecast_job.totals.pooled_errors import Pooled

# The version of what is learned. Raise it with a change that moves a number: kept calibrations are then learned again.
# A test fails when the code that decides a calibration changes (tests/forecast_job/run/test_calibration_version.py).
CALIBRATION_VERSION = 7

_CHECKSUM_BYTES = hashlib.sha256().digest_size
_ARRAYS = tuple(field.name for field in fields(Pooled))


@dataclass(frozen=True)
class Kind:
    """What is learned: the errors of totals over `windows`, at `levels`, known after the shop's first `days` days."""

    days: int
    windows: tuple[int, ...]
    levels: tuple[float, ...]


def learned_digest(items: pl.DataFrame, history: ClientHistory, kind: Kind) -> str:
    """A name for everything that decides a calibration. `items`: all the client's, with item_id, locations and records
    (load.DemandSource.items), in order; `history`: up to the run date."""
    dates = [history.first.isoformat(), history.days, kind.days]
    hashed = hashlib.sha256(
        json.dumps([CALIBRATION_VERSION, np.__version__, dates, kind.windows, kind.levels]).encode()
    )
    for numbers in (history.sellers, np.zeros(0) if history.awake is None else history.awake):
        hashed.update(b"\0" + numbers.astype(np.float64).tobytes())
    hashed.update(b"\0" + items.select("item_id", "locations", "records").write_csv().encode())
    return hashed.hexdigest()[:32]


@dataclass(frozen=True)
class Learned:
    """What the runs of one client have learned. A failure to read or write it is logged, and stops nothing."""

    bucket: Bucket
    client_id: str
    progress: JobProgress

    def calibration(self, digest: str, kind: Kind, learn: Callable[[], Calibration]) -> Calibration:
        """The calibration of that digest as it was learned before, else what `learn` gives."""
        name = f"checkpoints/{self.client_id}/learned/{digest}"
        cached = self._fetched(name, kind)
        if cached is not None:
            self.progress.say("a calibration was learned before", days=kind.days)
            return cached
        learned = learn()
        self.bucket.write(name, lambda: _packed(learned))
        return learned

    def _fetched(self, name: str, kind: Kind) -> Calibration | None:
        from google.cloud.storage.exceptions import DataCorruption

        if name not in self.bucket.names(name):
            return None
        try:
            data = self.bucket.read(name)
            return None if data is None else _unpacked(data, kind)
        except (DataCorruption, ValueError, LookupError, EOFError, zipfile.BadZipFile) as error:
            self.progress.say(
                f"what was learned before cannot be used, it is learned again: {in_a_line(error)}",
                "WARNING",
                checkpoint=name,
            )
            return None


def _packed(calibration: Calibration) -> bytes:
    file = io.BytesIO()
    arrays = {
        _entry(name, index): getattr(pooled, name)
        for index, pooled in enumerate(calibration.pooled)
        for name in _ARRAYS
    }
    np.savez_compressed(file, allow_pickle=False, **arrays)
    data = file.getvalue()
    return hashlib.sha256(data).digest() + data


def _unpacked(packed: bytes, kind: Kind) -> Calibration:
    """What was packed of that kind; raises ValueError, LookupError, EOFError or BadZipFile for anything else."""
    checksum, data = packed[:_CHECKSUM_BYTES], packed[_CHECKSUM_BYTES:]
    if hashlib.sha256(data).digest() != checksum:
        raise ValueError("it was damaged")
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        pooled = tuple(
            Pooled(**{name: archive[_entry(name, index)] for name in _ARRAYS}) for index in range(len(kind.windows))
        )
        if len(archive.files) != len(_ARRAYS) * len(pooled):
            raise ValueError("it is of other windows")
    for errors in pooled:
        groups = (len(errors.position),)
        if (
            errors.position.ndim != 1
            or errors.kind.shape != groups
            or errors.factor.shape != groups
            or errors.points.shape[:-1] != groups
            or errors.quantiles.shape != (*groups, len(kind.levels))
        ):
            raise ValueError("its arrays have other shapes")
    return Calibration(kind.windows, kind.levels, pooled)


def _entry(name: str, index: int) -> str:
    return f"{name}-{index}"
