"""The engines by name, and why another one than was asked for forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal, get_args

from pydantic import BaseModel, Field

STATISTICAL: Final = "statistical"
CHRONOS2: Final = "chronos2"
CHAMPION: Final = "champion"  # the best of the quick ones for each demand pattern
AUTO_ETS: Final = "auto_ets"
AUTO_THETA: Final = "auto_theta"
EngineName = Literal["statistical", "chronos2", "champion", "auto_ets", "auto_theta"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
# The work of libraries: they leave a series to the fallback that is too short for them, or on which they fail.
ENGINES_WITH_FALLBACK: Final = (CHRONOS2, AUTO_ETS, AUTO_THETA)


class FallbackCode(StrEnum):
    """Why an engine does not forecast: stable, meant for programs, metrics and alerts."""

    WEIGHTS_MISSING = "weights_missing"  # none are configured, or nothing is where they should be
    WEIGHTS_INVALID = "weights_invalid"  # they are broken, or not those that were pinned
    LIBRARY_MISSING = "library_missing"  # the image was built without the engine's extra
    GPU_UNUSABLE = "gpu_unusable"  # there is one, and its driver is too old for this torch
    OUT_OF_MEMORY = "out_of_memory"  # of the GPU: the model, or a single series, does not fit
    ENGINE_FAILED = "engine_failed"  # on every series
    HISTORY_TOO_SHORT = "history_too_short"  # of every series: too few days, or nothing sold


class FallbackReason(BaseModel, frozen=True):
    """Why another engine than the requested one made a run, or a part of it."""

    code: FallbackCode = Field(description="Stable; meant for programs.")
    detail: str = Field(description="Meant for people.")


def shard_fallback(
    requested: str, series_by_engine: Mapping[str, int], failure: FallbackCode | None
) -> FallbackReason | None:
    """Why the requested engine, which was available, forecast none of the series; None where it forecast some.

    A few series that it leaves to the fallback are no reason: each of them says who forecast it. `failure`: the most
    frequent one that it had on a series.
    """
    series = sum(series_by_engine.values())
    if requested not in ENGINES_WITH_FALLBACK or not series or series_by_engine.get(requested):
        return None
    if failure is None:
        why = f"none of {series} series has enough history for {requested}, or sold anything in it"
        return FallbackReason(code=FallbackCode.HISTORY_TOO_SHORT, detail=why)
    why = f"{requested} failed on every one of {series} series; the job's log says how"
    return FallbackReason(code=failure, detail=why)
