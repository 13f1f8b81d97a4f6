"""What every answer tells a browser not to do with it."""

from __future__ import annotations

import base64
import hashlib

from flask import Response, request

# An answer is data: shown as a page it runs nothing, frames nothing, and is framed by nobody.
_POLICY_OF_DATA = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",  # pages that CORS lets in read it all the same
    "Content-Security-Policy": _POLICY_OF_DATA,
}
_TRANSPORT = "max-age=31536000; includeSubDomains"


def guard(response: Response) -> Response:
    """The response with the headers that it lacks; a page that shows more than data brings a policy of its own.

    Over HTTPS, as the load balancer and Cloud Run say, a browser is told never to come without it.
    """
    for name, value in GUARDS.items():
        response.headers.setdefault(name, value)
    if request.is_secure or request.headers.get("X-Forwarded-Proto") == "https":
        response.headers["Strict-Transport-Security"] = _TRANSPORT
    return response


def policy_of_page(*inline_scripts: str) -> str:
    """A policy for a page that runs files of its own origin and these scripts, and calls its own origin."""
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline_scripts)
    scripts = " ".join(["'self'", *(f"'sha256-{digest}'" for digest in hashes)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
