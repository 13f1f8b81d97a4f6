from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, create_model
from werkzeug.test import Client

from infra.local.stack.console import Console
from infra.local.stack.gateway import Gateway
from shared.config import config
from shared.http.access import public
from shared.http.app import Api


class Thing(BaseModel):
    name: str


class ThingPath(BaseModel):
    thing_id: str


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("STOCKCAST_FUNCTION_URL", "http://127.0.0.1:9/api/v1/{function}")
    monkeypatch.setenv("STOCKCAST_JWT_KEYS", json.dumps({"test": "x" * 32}))
    config.cache_clear()
    yield
    config.cache_clear()


def a_function(name: str, *prefixes: str, answer: type[BaseModel] = Thing) -> Api:
    app = Api(name, name.capitalize(), prefixes)

    @app.get(f"/{prefixes[0]}/<thing_id>", responses={200: answer})
    @public
    def get_thing(path: ThingPath) -> dict[str, str]:
        """Get a thing."""
        return {"name": name}

    return app


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(
        Gateway({"products": a_function("products", "products"), "auth": a_function("auth", "auth", "clients")})
    )


@pytest.mark.parametrize(("path", "function"), [("/api/v1/products/1", "products"), ("/api/v1/auth/1", "auth")])
def test_the_first_segment_decides_who_answers(client: Client, path: str, function: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.get_json()) == (200, {"name": function})


@pytest.mark.parametrize(
    "path",
    ["/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/products/1", "/x/api/v1/products/1", "/api/v1/docs/files/x.js"],
)
def test_what_nobody_owns_is_a_problem_document(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.get_json(force=True)["code"] == "route_not_found"


def test_one_document_for_all() -> None:
    other = create_model("Measure", size=(int, ...))
    gateway = Gateway(
        {"products": a_function("products", "products"), "auth": a_function("auth", "auth", answer=other)}
    )
    document = gateway.document
    assert set(document["paths"]) == {"/products/{thing_id}", "/auth/{thing_id}"}
    assert document["servers"] == [{"url": "/api/v1"}]
    assert [tag["name"] for tag in document["tags"]] == ["products", "auth"]
    assert {"Thing", "Measure", "Problem"} <= document["components"]["schemas"].keys()
    assert "ThingPath" not in document["components"]["schemas"]


def test_models_of_one_name_are_refused() -> None:
    other = create_model("Thing", size=(int, ...))
    functions = {"auth": a_function("auth", "auth"), "forecast": a_function("forecast", "forecast", answer=other)}
    with pytest.raises(ValueError, match="a name that no other has"):
        _ = Gateway(functions).document


def test_the_page_needs_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(files) == 2
    for file in files:
        assert file.startswith("/api/v1/docs/files/")
        with client.get(file) as found:
            assert found.status_code == 200
    assert "http" not in page.text


def test_health_names_the_function_that_fails() -> None:
    broken = a_function("broken", "broken")
    broken.view_functions["health"] = lambda: ("", 500)
    client = Client(Gateway({"products": a_function("products", "products"), "broken": broken}))
    response = client.get("/api/v1/health")
    assert response.status_code == 503
    assert response.get_json() == {"status": "failing", "functions": {"products": "ok", "broken": "failing"}}


def test_two_functions_cannot_own_one_segment() -> None:
    with pytest.raises(ValueError, match="second claims /products"):
        Gateway({"first": a_function("first", "products"), "second": a_function("second", "products")})


@pytest.fixture
def console(tmp_path: Path) -> Client:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "secret").write_text("not below the folder")
    (tmp_path / "dist" / "index.html").write_text("<!doctype html><title>Stockcast</title>")
    (tmp_path / "dist" / "favicon.svg").write_text("<svg/>")
    (tmp_path / "dist" / "assets" / "index-4a5b.js").write_text("start()")
    return Client(Gateway({"auth": a_function("auth", "auth")}, Console(tmp_path / "dist")))


@pytest.mark.parametrize("path", ["/", "/products", "/products/A%2F1", "/products/a.b", "/orders/1"])
def test_every_screen_is_the_page_of_the_console(console: Client, path: str) -> None:
    response = console.get(path)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert "script-src 'self';" in response.headers["Content-Security-Policy"]
    again = console.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Content-Security-Policy"] == response.headers["Content-Security-Policy"]


def test_the_files_of_a_build_never_change(console: Client) -> None:
    script = console.get("/assets/index-4a5b.js")
    assert (script.status_code, script.mimetype, script.text) == (200, "text/javascript", "start()")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert console.get("/favicon.svg").mimetype == "image/svg+xml"


@pytest.mark.parametrize(
    "path", ["/assets/index-0000.js", "/api/v1/nothing", "/api/v2", "/assets/../../secret", "/%2e%2e/secret"]
)
def test_what_is_no_screen_is_not_there(console: Client, path: str) -> None:
    response = console.get(path)
    assert b"not below" not in response.data
    assert response.status_code == 404 or response.mimetype == "text/html"
    if path.startswith(("/api", "/assets/index")):
        assert (response.status_code, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/", "/products", "/api/v1/nothing"])
def test_a_post_to_no_endpoint_is_not_found(console: Client, path: str) -> None:
    response = console.post(path, data=b"x")
    assert response.status_code == (405 if path == "/" else 404)
    assert response.content_type == "application/problem+json"


def test_before_it_is_built_the_page_says_how(tmp_path: Path) -> None:
    response = Client(Gateway({"auth": a_function("auth", "auth")}, Console(tmp_path))).get("/")
    assert response.status_code == 200
    assert "npm run build" in response.text
