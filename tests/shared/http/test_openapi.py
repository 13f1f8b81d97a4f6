"""What of the document follows from the declarations of endpoints."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import pytest
from flask import Response
from pydantic import BaseModel, Field

from shared.domain.access.principal import BUYERS, EVERY_ROLE, Role
from shared.domain.purchasing.cart import CartFull
from shared.domain.purchasing.order_quantity import BelowMoq
from shared.domain.purchasing.product import ProductNotFound
from shared.domain.versions import StaleVersion
from shared.http.access import allow, errors, idempotent, internal, public, versioned
from shared.http.app import Api, BodyModel, QueryModel
from shared.http.paging import TokenPage
from shared.http.routes import File
from shared.http.types import Money, Quantity
from shared.request_context import RequestContext


class Lines(BodyModel):
    item_id: str


class Item(BaseModel):
    item_id: str


class ItemPath(BaseModel):
    item_id: str


class FileQuery(QueryModel):
    pages: Annotated[int | None, Field(description="The number of pages")] = None


class Priced(BodyModel):
    """Taken with a default, given always."""

    price: Annotated[Money, Field(ge=0, description="What a unit sells for")] = Decimal("0.50")
    weight: Annotated[Quantity | None, Field(description="Its units, packed")] = None


def codes(operation: dict[str, Any]) -> dict[str, set[str]]:
    """The codes of each error status."""
    return {
        status: set(response["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"])
        for status, response in operation["responses"].items()
        if status >= "400"
    }


def test_an_operation_lists_the_errors_that_it_declares_and_those_that_follow() -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.post("/probe", responses={201: Item})
    @allow(BUYERS)
    @idempotent
    @errors(CartFull, fields=(BelowMoq, ProductNotFound))
    def add(context: RequestContext, body: Lines) -> Response:
        raise AssertionError

    entry = api.document["paths"]["/probe"]["post"]
    assert codes(entry) == {
        "400": {"malformed_entity_tag", "malformed_json"},
        "401": {"token_missing", "token_invalid", "token_expired", "session_ended"},
        "403": {"client_suspended", "other_client", "role_not_allowed"},
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
        "429": {"rate_limited"},
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

    assert codes(api.document["paths"]["/probe"]["get"]) == {
        "401": {"token_missing", "token_invalid", "token_expired", "session_ended"},
        "403": {"client_suspended", "other_client"},
        "404": {"client_not_found"},
        "414": {"uri_too_long"},
        "422": {"invalid_input", "invalid_page_token", "unknown_field"},
        "429": {"rate_limited"},
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

    paths = api.document["paths"]
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

    assert "role_not_allowed" in codes(api.document["paths"]["/probe"]["get"])["403"]


def test_a_model_that_is_taken_and_given_has_a_schema_for_each() -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.put("/probe/<item_id:item_id>", responses={200: Priced})
    @allow(EVERY_ROLE)
    def put_price(path: ItemPath, body: Priced) -> Priced:
        raise AssertionError

    schemas = api.document["components"]["schemas"]
    price = {"type": "number", "minimum": 0, "default": 0.5}
    assert price.items() <= schemas["PricedInput"]["properties"]["price"].items()
    assert "required" not in schemas["PricedInput"]
    assert schemas["Priced"]["required"] == ["price", "weight"]
    assert "default" not in schemas["Priced"]["properties"]["weight"]
    described = schemas["Priced"]["properties"]["price"]["description"]
    assert described == "What a unit sells for. In the client's currency, 2 decimal places."
    assert schemas["Priced"]["properties"]["weight"]["description"] == "Its units, packed. 3 decimal places."


def test_the_headers_of_an_operation_follow_from_what_it_declares() -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.post("/probe", responses={201: Item})
    @allow(EVERY_ROLE)
    @idempotent
    @versioned
    def create_item(body: Lines) -> Response:
        raise AssertionError

    @api.put("/probe/<item_id:item_id>", responses={200: Item})
    @allow(EVERY_ROLE)
    @errors(StaleVersion)
    def put_item(path: ItemPath, body: Lines) -> Response:
        raise AssertionError

    create, put = api.document["paths"]["/probe"]["post"], api.document["paths"]["/probe/{item_id}"]["put"]
    assert [create["operationId"], put["operationId"]] == ["createItem", "putItem"]
    assert parameters(create) == {"client_id": "query", "Idempotency-Key": "header"}
    assert parameters(put) == {"client_id": "query", "item_id": "path", "If-Match": "header"}
    assert set(create["responses"]["201"]["headers"]) == {"Location", "ETag"}
    assert "headers" not in put["responses"]["200"]
    assert set(put["responses"]["401"]["headers"]) == {"WWW-Authenticate"}
    assert set(put["responses"]["503"]["headers"]) == {"Retry-After"}


def test_a_body_of_optional_fields_may_be_left_out_of_a_post() -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.post("/probe", responses={200: Item})
    @allow(EVERY_ROLE)
    def post_price(body: Priced) -> Item:
        raise AssertionError

    assert api.document["paths"]["/probe"]["post"]["requestBody"]["required"] is False


def test_a_file_is_binary_and_a_parameter_is_left_out_rather_than_null() -> None:
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.get("/probe/file", responses={200: File("The file.", ("application/pdf", "image/png"))})
    @allow(EVERY_ROLE)
    def get_file(query: FileQuery) -> Response:
        raise AssertionError

    operation = api.document["paths"]["/probe/file"]["get"]
    binary = {"schema": {"type": "string", "format": "binary"}}
    assert operation["responses"]["200"]["content"] == {"application/pdf": binary, "image/png": binary}
    (pages,) = (parameter for parameter in operation["parameters"] if parameter["name"] == "pages")
    assert pages["schema"] == {"type": "integer"}
    assert (pages["description"], pages["required"]) == ("The number of pages.", False)


def parameters(operation: dict[str, Any]) -> dict[str, str]:
    return {parameter["name"]: parameter["in"] for parameter in operation["parameters"]}
