"""All functions under one address: /api/v1/<first segment>, with one OpenAPI document, a page to try them, the console.

The same app runs twice: for users, and on a port of its own for Cloud Tasks, so that an import or a refresh does not
take the interpreter away from a request.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask_openapi3_swagger
from flask import Flask, Response

from infra.local.stack.console import DEMO_BUYER, DEMO_PASSWORD, DEMO_PATH, Console
from infra.local.stack.process import PROJECT
from shared.http.app import Api, finish
from shared.http.conditional import unless_kept
from shared.http.cors import answer_preflight
from shared.http.document import openapi
from shared.http.paths import API_ROOT
from shared.http.problems import handle_errors
from shared.http.request_line import begin_request
from shared.http.security_headers import policy_of_page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")  # what is not there is 404 by any of them
_SWAGGER_FILES = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"
_SCRIPT = f'SwaggerUIBundle({{url: "{API_ROOT}/openapi.json", dom_id: "#page", persistAuthorization: true}});'
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Stockcast API</title>
<link rel="stylesheet" href="{API_ROOT}/docs/files/css/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="{API_ROOT}/docs/files/js/swagger-ui-bundle.js"></script>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def gateway() -> Gateway:
    """The app over every function that there is in functions/."""
    folders = sorted(main.parent.name for main in PROJECT.glob("functions/*/main.py"))
    functions = {name: importlib.import_module(f"functions.{name}.main").app for name in folders}
    return Gateway(functions, Console(PROJECT / "console" / "dist"))


class Gateway:
    """WSGI app that hands a request to the function that owns its first path segment."""

    def __init__(self, functions: Mapping[str, Api], console: Console | None = None) -> None:
        self._functions = functions
        self._console = console
        self._owners: dict[str, Api] = {}
        for name, app in functions.items():
            for prefix in app.prefixes:
                if prefix in self._owners:
                    raise ValueError(f"function {name} claims /{prefix}, which another one owns")
                self._owners[prefix] = app
        self._site = self._make_site()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        root, _, rest = environ.get("PATH_INFO", "").partition(f"{API_ROOT}/")
        owner = None if root else self._owners.get(rest.partition("/")[0])
        return (owner or self._site)(environ, start_response)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document of all functions together."""
        return openapi.document("Stockcast", {app.name: app.routes for app in self._functions.values()}, API_ROOT)

    @cached_property
    def _document_text(self) -> str:
        return json.dumps(self.document)

    def _make_site(self) -> Flask:
        site = Flask("gateway", static_folder=_SWAGGER_FILES, static_url_path=f"{API_ROOT}/docs/files")
        site.before_request(begin_request)
        site.before_request(answer_preflight)
        site.after_request(finish)
        handle_errors(site)
        site.add_url_rule(f"{API_ROOT}/openapi.json", "openapi", lambda: unless_kept(self._document_text))
        site.add_url_rule(f"{API_ROOT}/docs", "docs", _docs)
        site.add_url_rule(f"{API_ROOT}/health", "health", self._health)
        if self._console is not None:
            site.add_url_rule(DEMO_PATH, "demo", self._enter_demo)
            site.add_url_rule("/", "page", self._console.answer, defaults={"path": ""})
            site.add_url_rule("/<path:path>", "console", self._console.answer, methods=_EVERY_METHOD)
        return site

    def _enter_demo(self) -> Response:
        """Sign the demo's buyer in, by a token behind the #, which no server sees; without a demo, ask who comes."""
        body = {"email": DEMO_BUYER, "password": DEMO_PASSWORD}
        answer = self._functions["auth"].test_client().post("/auth/token", json=body)
        fragment = f"#refresh_token={answer.get_json()['refresh_token']}" if answer.status_code == 200 else ""
        return Response(status=302, headers={"Location": f"/{fragment}"})

    def _health(self) -> Response:
        states = {name: app.test_client().get("/health").status_code for name, app in self._functions.items()}
        ill = sorted(name for name, status in states.items() if status != 200)
        functions = {name: "failing" if name in ill else "ok" for name in states}
        return _json({"status": "failing" if ill else "ok", "functions": functions}, 503 if ill else 200)


def _docs() -> Response:
    policy = {"Content-Security-Policy": policy_of_page(_SCRIPT)}
    return Response(_PAGE, headers=policy, content_type="text/html; charset=utf-8")


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content), status=status, content_type="application/json")
