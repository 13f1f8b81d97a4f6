"""The engines by the names that a run asks for them by."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from forecast_job.engines import Engine, EngineUnavailable
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.progress import Progress
from shared.domain.forecast_request import CHRONOS2, STATISTICAL

WEIGHTS_VARIABLE = "STOCKCAST_CHRONOS_WEIGHTS"


def engine_for(name: str, *, fallback: bool, progress: Progress) -> Engine:
    """The engine of that name; where it is not to be had and `fallback` allows it, the statistical one.

    Raises EngineUnavailable, in one line that says what is missing.
    """
    try:
        return _MAKERS[name]()
    except EngineUnavailable as error:
        if not fallback:
            raise
        progress.say(f"{error.detail}: the statistical engine forecasts instead", "WARNING", engine=name)
        return StatisticalEngine()


def _chronos2() -> Engine:
    """With the weights that STOCKCAST_CHRONOS_WEIGHTS names; the library is imported only here, it takes seconds."""
    weights = os.environ.get(WEIGHTS_VARIABLE)
    if not weights:
        raise EngineUnavailable(
            "engine_unavailable",
            f"engine chronos2 needs weights: set {WEIGHTS_VARIABLE} to a folder or gs://bucket/folder",
        )
    try:
        from forecast_job.engines.chronos2 import Chronos2Engine
        from forecast_job.engines.weights import best_device, load_pipeline
    except ImportError as error:
        raise EngineUnavailable(
            "engine_unavailable", f"engine chronos2 needs the extra 'chronos' of pyproject.toml: {error}"
        ) from error
    return Chronos2Engine(load_pipeline(weights, best_device()), StatisticalEngine())


_MAKERS: Mapping[str, Callable[[], Engine]] = {STATISTICAL: StatisticalEngine, CHRONOS2: _chronos2}
