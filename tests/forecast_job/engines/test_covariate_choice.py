"""A series is sent with what tells something that its demand does not, and with nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_job.demand.covariates import COVARIATES
from forecast_job.engines.covariate_choice import CHOICES, CovariateChoice, chosen
from forecast_job.engines.registry import covariate_choice
from shared.config import ConfigurationError

_CALENDAR = 2  # weekends, open days
_OWN_EVENTS = {"promotion_flag", "marketing_spend"}


@given(
    st.sampled_from(CHOICES),
    st.integers(0, 6).flatmap(
        lambda series: st.tuples(
            arrays(np.bool_, (series, _CALENDAR)), *[arrays(np.bool_, (series, len(COVARIATES)))] * 2
        )
    ),
)
def test_each_series_by_itself(choice: CovariateChoice, flags: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    calendar, varies, known_ahead = flags
    used = chosen(choice, calendar, COVARIATES, varies, known_ahead)
    assert used.shape == (len(varies), _CALENDAR + len(COVARIATES))
    for row, of_series in enumerate(used):
        expected = varies[row] & known_ahead[row]
        of_calendar, own = of_series[:_CALENDAR], dict(zip(COVARIATES, of_series[_CALENDAR:], strict=True))
        if choice == "none":
            assert not of_series.any()
        elif choice == "all":
            assert of_series.tolist() == [*calendar[row], *varies[row]]
        else:
            assert of_calendar.tolist() == (calendar[row] & expected.any()).tolist()
            for name, varying, ahead in zip(COVARIATES, varies[row], known_ahead[row], strict=True):
                assert own[name] == (varying and (ahead or name in _OWN_EVENTS))


def test_weekdays_and_closed_days_alone_are_never_sent() -> None:
    every, none = np.ones((1, _CALENDAR), dtype=np.bool_), np.zeros((1, len(COVARIATES)), dtype=np.bool_)
    assert not chosen("events", every, COVARIATES, none, ~none).any()
    assert chosen("all", every, COVARIATES, none, none).sum() == _CALENDAR


def test_the_choice_is_one_that_there_is() -> None:
    assert covariate_choice({}) == covariate_choice({"STOCKCAST_CHRONOS_COVARIATES": ""}) == "events"
    assert covariate_choice({"STOCKCAST_CHRONOS_COVARIATES": "all"}) == "all"
    with pytest.raises(ConfigurationError, match="one of events, all, none; given: 'calendar'"):
        covariate_choice({"STOCKCAST_CHRONOS_COVARIATES": "calendar"})
