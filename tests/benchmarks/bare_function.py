"""The least that a function on Firestore can be: what the cold start of ours is compared with."""

from __future__ import annotations

import functions_framework
from flask import Request, Response
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore


@functions_framework.http
def bare(request: Request) -> Response:
    """/health answers at once; anything else reads one document first."""
    if request.path != "/health":
        client = firestore.Client(credentials=AnonymousCredentials())
        client.collection("clients").document("bench").get()
    return Response('{"status":"ok"}', content_type="application/json")
