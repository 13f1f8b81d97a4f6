"""The part of an operation's entry that follows from what its endpoint declares."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest
from flask import Response
from pydantic import BaseModel

from shared.domain.access.principal import BUYERS, EVERY_ROLE, Role
from shared.domain.purchasing.cart import CartFull
from shared.domain.purchasing.order_quantity import BelowMoq
from shared.domain.purchasing.product import ProductNotFound
from shared.http.access import allow, errors, idempotent, internal, public
from shared.http.app import Api, BodyModel
from shared.http.paging import TokenPage
from shared.request_context import RequestContext


class Lines(BodyModel):
    item_id: str


class Item(BaseModel):
    item_id: str


def codes(operation: dict[str, Any]) -> dict[str, set[str]]:
    """The codes of each error status."""
    return {
        status: set(response["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"])
        for status, response in operation["responses"].items()
        if status >= "400"
    }


def test_what_is_known_of_the_inside_of_flask_openapi3_is_of_this_version() -> None:
    assert version("flask-openapi3").startswith("4.3."), "read shared/http/openapi.py and shared/http/app.py again"


def test_an_operation_lists_the_errors_that_it_declares_and_those_that_follow() -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.post("/probe", responses={201: Item})
    @allow(BUYERS)
    @idempotent
    @errors(CartFull, fields=(BelowMoq, ProductNotFound))
    def add(context: RequestContext, body: Lines) -> Response:
        raise AssertionError

    entry = api.api_doc["paths"]["/probe"]["post"]
    assert codes(entry) == {
        "400": {"malformed_entity_tag", "malformed_json"},
        "401": {"token_missing", "token_invalid", "token_expired"},
        "403": {"other_client", "role_not_allowed"},
        "404": {"client_not_found"},
        "409": {"request_in_progress"},
        "413": {"body_too_large"},
        "415": {"unsupported_media_type"},
        "422": {
            "below_moq",
            "cart_full",
            "idempotency_key_reused",
            "invalid_idempotency_key",
            "invalid_input",
            "product_not_found",
            "unknown_field",
        },
        "500": {"internal_error"},
        "503": {"backend_unavailable"},
    }
    assert entry["responses"]["409"]["description"] == "Conflict with the current state: `request_in_progress`."


def test_an_operation_without_body_or_restriction_lists_fewer() -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.get("/probe", responses={200: Item})
    @allow(EVERY_ROLE)
    def items(query: TokenPage) -> Response:
        raise AssertionError

    assert codes(api.api_doc["paths"]["/probe"]["get"]) == {
        "401": {"token_missing", "token_invalid", "token_expired"},
        "403": {"other_client"},
        "404": {"client_not_found"},
        "422": {"invalid_input", "invalid_page_token", "unknown_field"},
        "500": {"internal_error"},
        "503": {"backend_unavailable"},
    }


def test_a_public_operation_needs_no_token_and_an_internal_one_is_not_in_the_document() -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.get("/probe/open", responses={200: Item})
    @public
    def open_to_all() -> Response:
        raise AssertionError

    @api.post("/probe/internal/work", responses={200: Item})
    @internal("probe")
    def work() -> Response:
        raise AssertionError

    paths = api.api_doc["paths"]
    assert set(paths) == {"/probe/open"}
    assert "security" not in paths["/probe/open"]["get"]
    assert "401" not in paths["/probe/open"]["get"]["responses"]


@pytest.mark.parametrize("roles", [set(Role) - {Role.VIEWER}, {Role.ADMIN}])
def test_a_restriction_of_roles_shows(roles: set[Role]) -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.get("/probe", responses={200: Item})
    @allow(roles)
    def items() -> Response:
        raise AssertionError

    assert "role_not_allowed" in codes(api.api_doc["paths"]["/probe"]["get"])["403"]
