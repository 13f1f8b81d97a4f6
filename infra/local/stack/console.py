"""The console's static files, as a bucket behind the load balancer serves them: any other address shows the app."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Response, abort, request

from shared.http.conditional import with_tag
from shared.http.security_headers import policy_of_page

DEMO_PATH = "/demo"  # signs the demo's buyer in
DEMO_BUYER = "procurement@demo.example"
DEMO_PASSWORD = "stockcast-demo"  # noqa: S105 - of every user of the demo; `make run` prints it
_FOREVER = "public, max-age=31536000, immutable"  # a file below assets/ has the hash of its content in its name
_POLICY = policy_of_page()
_UNBUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Stockcast</title></head>
<body>
<h1>The console is not built</h1>
<p>It needs Node.js 20.19 or newer: <code>cd console &amp;&amp; npm ci &amp;&amp; npm run build</code>.
<p>The API does not need it: <a href="/api/v1/docs">try its endpoints</a>.
</body>
</html>
"""


@dataclass(frozen=True)
class Console:
    """The build in `folder`, which may be made anew while the gateway runs."""

    folder: Path

    def answer(self, path: str) -> Response:
        """The file at the path below /, or the page that shows every screen."""
        if path.startswith("api/") or request.method not in ("GET", "HEAD"):
            abort(404)
        file = (self.folder / path).resolve()
        if path and file.is_file() and file.is_relative_to(self.folder.resolve()):
            return self._file(path, file)
        if path.startswith("assets/"):
            abort(404)
        return self._page()

    def _file(self, path: str, file: Path) -> Response:
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        content = file.read_bytes()
        if path.startswith("assets/"):
            return Response(content, content_type=kind, headers={"Cache-Control": _FOREVER})
        return _kept(content, kind)

    def _page(self) -> Response:
        index = self.folder / "index.html"
        content = index.read_bytes() if index.is_file() else _UNBUILT.encode()
        return _kept(content, "text/html; charset=utf-8")


def _kept(content: bytes, kind: str) -> Response:
    tag = hashlib.sha256(content).hexdigest()[:32]
    response = with_tag(tag, lambda: Response(content, content_type=kind))
    response.headers["Content-Security-Policy"] = _POLICY  # of a 304 too: a browser takes the policy that came last
    return response
