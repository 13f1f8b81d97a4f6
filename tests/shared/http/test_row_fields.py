"""Lists with some fields of their rows alone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from infra.local.stack.gateway import gateway
from shared.domain.errors import UnknownField
from shared.http.paging import ItemsByToken, PageEnvelope
from shared.http.reply import Reply
from shared.http.row_fields import fields_of_rows, narrowing
from tests.support.tenants import TestClient


class ModelRow(BaseModel):
    id: str
    from_: str | None = Field(None, alias="from")
    size: int = 0


class PlainRow(TypedDict):
    id: str
    size: int


class ModelPage(PageEnvelope):
    items: list[ModelRow]


class PlainPage(PageEnvelope):
    items: list[PlainRow]


@dataclass(frozen=True)
class Row:
    id: str
    size: int


def test_the_fields_of_a_list_are_those_of_its_rows() -> None:
    assert fields_of_rows({200: ModelPage}) == ("id", "from", "size")
    assert fields_of_rows({200: PlainPage}) == ("id", "size")
    assert fields_of_rows({201: ModelPage}) == fields_of_rows({200: ModelRow}) == fields_of_rows({}) == ()


@pytest.mark.parametrize("row", [ModelRow(id="a", size=3), PlainRow(id="a", size=3), Row("a", 3)])
def test_rows_keep_the_fields_that_are_named_in_their_order(row: object) -> None:
    page = ItemsByToken([row], 1, 50, 7, "next")
    narrow = narrowing("size, id,size", ("id", "from", "size"))
    expected = ItemsByToken([{"size": 3, "id": "a"}], 1, 50, 7, "next")
    assert narrow(page) == expected
    assert narrow(Reply(page, headers={"ETag": '"1"'})) == Reply(expected, headers={"ETag": '"1"'})


def test_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(UnknownField, match="unknown 'colour'; allowed: id, size") as refused:
        narrowing("id,colour", ("id", "size"))
    assert refused.value.errors[0].pointer == "query/fields"


def test_a_list_over_http(shop: TestClient) -> None:
    row, *_ = shop.get("/products", params={"fields": "item_id,dir"}).json()["items"]
    assert set(row) == {"item_id", "dir"}
    refused = shop.get("/products", params={"fields": "colour"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_field")


def test_every_list_narrows_its_rows(shop: TestClient) -> None:
    document = gateway().document
    lists = {
        path: parameter["schema"]["pattern"]
        for path, operations in document["paths"].items()
        if not any(parameter["required"] for parameter in operations.get("get", {}).get("parameters", ()))
        for parameter in operations.get("get", {}).get("parameters", ())
        if parameter["name"] == "fields" and "pattern" in parameter["schema"]
    }
    assert len(lists) > 12
    for path, pattern in lists.items():
        field = pattern.removeprefix("^(").partition("|")[0].partition(")")[0]
        response = shop.get(path, params={"fields": field})
        assert response.status_code in (200, 404), (path, response.text)  # 404: nothing was forecast yet
        if response.status_code == 200:
            assert all(set(row) <= {field} for row in response.json()["items"]), path
