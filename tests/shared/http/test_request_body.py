"""Bodies: which may be left out, in which media type they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from shared.config import config
from shared.http.access import public
from shared.http.app import Api, BodyModel
from tests.support.bare_config import configure
from tests.support.problems import assert_problem

JSON = {"Content-Type": "application/json"}


class Optional(BodyModel):
    name: str = "none"


class Required(BodyModel):
    name: str


class Form(BodyModel):
    name: str


class Name(BaseModel):
    name: str


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    configure(monkeypatch)
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.post("/probe/optional", responses={200: Name})
    @public
    def optional(body: Optional) -> Name:
        return Name(name=body.name)

    @api.patch("/probe/optional", responses={200: Name})
    @public
    def patched(body: Optional) -> Name:
        return Name(name=body.name)

    @api.post("/probe/required", responses={200: Name})
    @public
    def required(body: Required) -> Name:
        return Name(name=body.name)

    @api.post("/probe/form", responses={200: Name})
    @public
    def form(form: Form) -> Name:
        return Name(name=form.name)

    yield api.test_client()
    config.cache_clear()


@pytest.mark.parametrize("sent", [{}, {"headers": JSON}, {"headers": {"Content-Type": "text/plain"}}, {"data": b""}])
def test_a_post_of_optional_fields_alone_may_come_without_a_body(client: FlaskClient, sent: dict[str, Any]) -> None:
    response = client.post("/probe/optional", **sent)
    assert (response.status_code, response.get_json()) == (200, {"name": "none"})


def test_no_other_body_may_be_left_out(client: FlaskClient) -> None:
    assert_problem(client.post("/probe/required", headers=JSON), 400, "malformed_json")
    assert_problem(client.patch("/probe/optional", headers=JSON), 400, "malformed_json")
    assert_problem(client.post("/probe/required"), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("path", "allowed"), [("/probe/optional", "application/json"), ("/probe/form", "multipart/form-data")]
)
@pytest.mark.parametrize("given", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", None])
def test_a_body_of_another_media_type_is_refused_by_name(
    client: FlaskClient, path: str, allowed: str, given: str | None
) -> None:
    response = client.post(path, data=b'{"name": "x"}', headers={"Content-Type": given} if given else {})
    detail = assert_problem(response, 415, "unsupported_media_type")["detail"]
    assert (given or "none") in detail
    assert allowed in detail


@pytest.mark.parametrize("given", ["application/json; charset=utf-8", "application/x+json", "APPLICATION/JSON"])
def test_json_is_told_in_several_ways(client: FlaskClient, given: str) -> None:
    response = client.post("/probe/required", data=b'{"name": "x"}', headers={"Content-Type": given})
    assert response.get_json() == {"name": "x"}


def test_a_form_is_read(client: FlaskClient) -> None:
    response = client.post("/probe/form", data={"name": "x"}, content_type="multipart/form-data")
    assert response.get_json() == {"name": "x"}
