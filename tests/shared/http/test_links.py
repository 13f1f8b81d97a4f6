"""The document's links: by hand for what they say, and all of the API's for whether they can be followed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.http.document.links import add_links

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())
_PATH, _BODY = re.compile(r"\$request\.path\.(\w+)"), re.compile(r"\$response\.body#/(?:items/0/)?(\w+)")


def operation(name: str, *answers: tuple[str, Any], takes_version: bool = False) -> dict[str, Any]:
    """`answers` are statuses with the schema of the body; every one has an ETag but those of lists."""
    return {
        "operationId": name,
        "parameters": [{"name": "If-Match"}] if takes_version else [],
        "responses": {
            status: {"content": {"application/json": {"schema": schema}}}
            | ({} if "items" in schema.get("properties", {}) else {"headers": {"ETag": {}}})
            for status, schema in answers
        },
    }


def having(*fields: str) -> dict[str, Any]:
    return {"properties": {name: {} for name in fields}}


def links_of(paths: dict[str, dict[str, Any]], path: str, method: str, status: str) -> dict[str, dict[str, str]]:
    """The parameters that are given, by the operation which the link leads to."""
    add_links(paths, {"Shop": having("shop_id"), "Kind": {"oneOf": [having("id", "a"), having("id", "b")]}})
    links = paths[path][method]["responses"][status].get("links", {})
    return {link["operationId"]: link["parameters"] for link in links.values()}


def shops() -> dict[str, dict[str, Any]]:
    shop = {"$ref": "#/components/schemas/Shop"}
    return {
        "/shops": {
            "get": operation("listShops", ("200", {"properties": {"items": {"items": shop}}})),
            "post": operation("createShop", ("201", shop), ("422", having("detail"))),
        },
        "/shops/{shop_id}": {
            "get": operation("getShop", ("200", shop)),
            "put": operation("putShop", ("200", shop), takes_version=True),
        },
        "/shops/{shop_id}/shelves": {"post": operation("addShelf", ("201", having("id", "shop_id")))},
        "/shops/{shop_id}/shelves/{shelf_id}": {"delete": operation("dropShelf", ("204", {}))},
    }


def test_what_was_made_is_read_and_changed_by_its_id_in_its_version() -> None:
    own = {"path.shop_id": "$response.body#/shop_id"}
    assert links_of(shops(), "/shops", "post", "201") == {
        "getShop": own,
        "putShop": own | {"header.If-Match": "$response.header.ETag"},
        "addShelf": own,
    }
    assert links_of(shops(), "/shops", "post", "422") == {}


def test_a_list_leads_to_its_first_row() -> None:
    first = {"path.shop_id": "$response.body#/items/0/shop_id"}
    assert links_of(shops(), "/shops", "get", "200") == dict.fromkeys(("getShop", "putShop", "addShelf"), first)


def test_what_was_read_is_changed_in_that_version() -> None:
    same = {"path.shop_id": "$request.path.shop_id", "header.If-Match": "$response.header.ETag"}
    assert links_of(shops(), "/shops/{shop_id}", "get", "200") == {"putShop": same}


def test_what_is_part_of_another_is_found_by_both_ids() -> None:
    both = {"path.shop_id": "$request.path.shop_id", "path.shelf_id": "$response.body#/id"}
    assert links_of(shops(), "/shops/{shop_id}/shelves", "post", "201") == {"dropShelf": both}


def test_what_was_started_is_followed_by_its_operation_whatever_its_kind() -> None:
    def started() -> dict[str, dict[str, Any]]:
        return {"/refresh": {"post": operation("refresh", ("202", {"$ref": "#/components/schemas/Kind"}))}}

    followed = {"/operations/{operation_id}": {"get": operation("getOperation", ("200", having("id")))}}
    own = {"path.operation_id": "$response.body#/id"}
    assert links_of(started() | followed, "/refresh", "post", "202") == {"getOperation": own}
    assert links_of(started(), "/refresh", "post", "202") == {}  # of a function without operations


def test_every_link_of_the_api_can_be_followed() -> None:
    """It leads to an operation, gives all that its path needs, and takes it from what the answer has."""
    targets = {each["operationId"]: (path, each) for path, _, each in operations()}
    followed = set()
    for path, source, response in successes():
        for link in response.get("links", {}).values():
            there, target = targets[link["operationId"]]
            given = link["parameters"]
            wanted = set(re.findall(r"\{(\w+)\}", there))
            assert {name.removeprefix("path.") for name in given if name.startswith("path.")} == wanted
            if given.get("header.If-Match"):
                assert "ETag" in response["headers"]
                assert any(parameter["name"] == "If-Match" for parameter in target["parameters"])
            for value in given.values():
                if named := _PATH.fullmatch(value):
                    assert f"{{{named[1]}}}" in path
                elif named := _BODY.fullmatch(value):
                    assert named[1] in shown(response), f"{source} does not answer with {named[1]}"
            followed.add((source, link["operationId"]))
    assert {
        ("createCampaign", "putCampaign"),
        ("listProducts", "patchProduct"),
        ("startForecast", "getForecastRun"),
    } <= followed
    assert len(followed) > 130


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, each in methods.items():
            yield path, method, each


def successes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, _, each in operations():
        for status, response in each["responses"].items():
            if status.startswith("2"):
                yield path, each["operationId"], response


def shown(response: dict[str, Any]) -> set[str]:
    """The fields of the recorded example, or of its first row."""
    example = response["content"]["application/json"]["example"]
    return set(example["items"][0] if "items" in example and "id" not in example else example)
