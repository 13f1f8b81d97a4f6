"""The engines by their names in requests and on the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from forecast_job.engines import Engine, EngineUnavailable
from forecast_job.engines.champion import ChampionEngine
from forecast_job.engines.covariate_choice import CHOICE_VARIABLE, CHOICES, CovariateChoice
from forecast_job.engines.guarded import guarded
from forecast_job.engines.pinning import PIN_VARIABLE, Weights
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.engines.statsforecast_models import StatsForecastEngine, auto_ets, auto_theta
from forecast_job.progress import JobProgress
from shared.config import ConfigurationError
from shared.domain.forecast_engine import (
    AUTO_ETS,
    AUTO_THETA,
    CHAMPION,
    CHRONOS2,
    ENGINES_WITH_FALLBACK,
    STATISTICAL,
    FallbackCode,
    FallbackReason,
)

WEIGHTS_VARIABLE = "STOCKCAST_CHRONOS_WEIGHTS"


@dataclass(frozen=True)
class ChosenEngine:
    """The engine that forecasts; `fallback_reason`: why it is not the one that was asked for, if so."""

    engine: Engine
    fallback_reason: FallbackReason | None = None


def engine_for(name: str, *, fallback: bool, progress: JobProgress, client_id: str | None = None) -> ChosenEngine:
    """The engine of that name; where it is unavailable and `fallback` allows it, the statistical one. With a
    `client_id` it is the one tuned for the client, where there is one.

    Raises EngineUnavailable, in one line that says what is missing.
    """
    try:
        engine = _chronos2(client_id, progress) if name == CHRONOS2 else _FROM_DEMAND[name]()
    except EngineUnavailable as error:
        if not fallback:
            raise
        return ChosenEngine(StatisticalEngine(), error.reason)
    if name not in ENGINES_WITH_FALLBACK:
        return ChosenEngine(engine)
    return ChosenEngine(guarded(engine, StatisticalEngine(), progress, required=not fallback))


def pinned_weights(env: Mapping[str, str] = os.environ) -> Weights:
    """What STOCKCAST_CHRONOS_WEIGHTS names, pinned by STOCKCAST_CHRONOS_SHA256, without which nothing is loaded; raises
    EngineUnavailable where no weights are named."""
    if folder := env.get(WEIGHTS_VARIABLE):
        return Weights(folder, env.get(PIN_VARIABLE, ""))
    raise EngineUnavailable(
        FallbackCode.WEIGHTS_MISSING,
        f"engine chronos2 needs weights: set {WEIGHTS_VARIABLE} to a folder or gs://bucket/folder",
    )


def covariate_choice(env: Mapping[str, str] = os.environ) -> CovariateChoice:
    """What STOCKCAST_CHRONOS_COVARIATES says; raises ConfigurationError for what it cannot say."""
    name = env.get(CHOICE_VARIABLE) or CHOICES[0]
    for choice in CHOICES:
        if name == choice:
            return choice
    raise ConfigurationError(f"{CHOICE_VARIABLE} must be one of {', '.join(CHOICES)}; given: {name!r}")


def _statsforecast(name: str, make: Callable[[str], Any]) -> Engine:
    if find_spec("statsforecast") is None:
        detail = f"engine {name} needs the extra 'statsforecast' of pyproject.toml"
        raise EngineUnavailable(FallbackCode.LIBRARY_MISSING, detail)
    return StatsForecastEngine(name, make, StatisticalEngine())


def _chronos2(client_id: str | None, progress: JobProgress) -> Engine:
    """The library is imported only here, it takes seconds."""
    base = pinned_weights()
    try:
        from forecast_job.engines.chronos2 import Chronos2Engine
        from forecast_job.engines.weights import best_device, load_pipeline, weights_for
    except ImportError as error:
        detail = f"engine chronos2 needs the extra 'chronos' of pyproject.toml: {error}"
        raise EngineUnavailable(FallbackCode.LIBRARY_MISSING, detail) from error
    weights = base if client_id is None else weights_for(base, client_id)
    device = best_device()
    choice = covariate_choice()
    engine = Chronos2Engine(load_pipeline(weights, device), StatisticalEngine(), choice=choice)
    progress.say("Chronos-2 is loaded", weights=weights.folder, device=device.name, covariates=choice)
    return engine


_FROM_DEMAND: Mapping[str, Callable[[], Engine]] = {
    STATISTICAL: StatisticalEngine,
    CHAMPION: ChampionEngine,
    AUTO_ETS: partial(_statsforecast, AUTO_ETS, auto_ets),
    AUTO_THETA: partial(_statsforecast, AUTO_THETA, auto_theta),
}
