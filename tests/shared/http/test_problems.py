"""Errors as problem documents."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable

import pytest
import requests
from flask import Flask
from google.api_core import exceptions
from google.auth.exceptions import TransportError
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import Gone

from shared.domain.errors import KINDS, FieldError, StockcastError, TooManyRequests
from shared.http.problems import handle_errors, invalid_input, is_transient
from tests.support.problems import assert_problem


def answer(error: Exception) -> object:
    app = Flask("probe")
    handle_errors(app)

    @app.get("/")
    def fail() -> str:
        raise error

    return app.test_client().get("/")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_error_has_its_status_and_says_what_it_was_made_with(kind: type[StockcastError]) -> None:
    error = kind("what was given", errors=(FieldError("/a", "bad", "why"),), headers={"X-More": "1"})
    error.code = "some_code"
    response = answer(error)
    problem = assert_problem(response, kind.status, "some_code")
    assert (problem["title"], problem["detail"]) == (kind.title, "what was given")
    assert problem["errors"] == [{"pointer": "/a", "code": "bad", "detail": "why"}]
    headers = response.headers  # type: ignore[attr-defined]
    assert headers["X-More"] == "1"
    assert ("Retry-After" in headers) == (kind.status in (429, 503))
    assert ("WWW-Authenticate" in headers) == (kind.status == 401)


def test_a_wait_that_is_known_is_the_one_told() -> None:
    error = TooManyRequests("wait", headers={"Retry-After": "77"})
    assert answer(error).headers["Retry-After"] == "77"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "make",
    [
        lambda: exceptions.ServiceUnavailable("down"),
        lambda: exceptions.DeadlineExceeded("late"),
        lambda: exceptions.GatewayTimeout("late"),
        lambda: exceptions.RetryError("gave up", cause=None),
        lambda: exceptions.Aborted("contended"),
        lambda: exceptions.TooManyRequests("quota"),
        lambda: exceptions.InternalServerError("theirs"),
        lambda: TransportError("no route"),
        lambda: requests.exceptions.ConnectionError("refused"),
        lambda: requests.exceptions.ReadTimeout("late"),
        concurrent.futures.TimeoutError,
        ConnectionResetError,
    ],
)
def test_a_backend_out_of_reach_is_told_as_such(make: Callable[[], Exception]) -> None:
    assert is_transient(make())
    response = answer(make())
    assert_problem(response, 503, "backend_unavailable")
    assert int(response.headers["Retry-After"]) > 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "make", [lambda: exceptions.BadRequest("x"), lambda: ValueError("secret"), lambda: KeyError("x")]
)
def test_our_own_mistakes_are_not_blamed_on_a_backend(make: Callable[[], Exception]) -> None:
    assert not is_transient(make())
    problem = assert_problem(answer(make()), 500, "internal_error")
    assert "secret" not in problem["detail"]


def test_any_other_http_error_is_a_problem_too() -> None:
    assert_problem(answer(Gone()), 410, "http_410")


def test_invalid_input_names_each_field_and_shortens_what_was_given() -> None:
    class Model(BaseModel):
        number: int
        inner: dict[str, int]

    with pytest.raises(ValidationError) as found:
        Model.model_validate(values := {"number": "x" * 500, "inner": {"a/b": "y"}})
    error = invalid_input(found.value, "", values)
    assert [one.pointer for one in error.errors] == ["/number", "/inner/a~1b"]
    assert all(len(one.detail) < 250 for one in error.errors)
    assert "xxx..." in error.errors[0].detail
