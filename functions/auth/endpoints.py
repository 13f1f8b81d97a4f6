"""HTTP surface of auth and clients."""

from __future__ import annotations

from typing import Any

from functions.auth import service
from functions.auth.schemas import ClientPage, ClientPath, ClientView, PasswordBody, RefreshBody, TokenPair
from shared.config import config
from shared.domain.client import Client
from shared.domain.principal import EVERY_ROLE
from shared.http.app import Api, allow, now, principal, public
from shared.http.paging import TokenPage, by_token

app = Api("auth", "Sign-in and clients", prefixes=("auth", "clients"))


@app.post("/auth/token", summary="Sign in", responses={200: TokenPair})
@public
def create_token(body: PasswordBody) -> dict[str, Any]:
    """A token pair for an email address and a password."""
    return service.sign_in(config(), body.email, body.password, now())


@app.post("/auth/refresh", summary="Get the next token pair", responses={200: TokenPair})
@public
def refresh_token(body: RefreshBody) -> dict[str, Any]:
    """Each refresh token works once; using one twice ends the session."""
    return service.refresh(config(), body.refresh_token, now())


@app.post("/auth/logout", summary="Sign out", responses={204: None})
@public
def logout(body: RefreshBody) -> None:
    """End the session that the refresh token belongs to."""
    service.sign_out(config(), body.refresh_token, now())


@app.get("/clients", summary="Clients", responses={200: ClientPage})
@allow(EVERY_ROLE)
def list_clients(query: TokenPage) -> dict[str, Any]:
    """Your own client; for a platform administrator all of them."""
    clients, after = service.client_page(config(), principal(), query.page_size, query.position())
    return by_token(query, [_view(client) for client in clients], after)


@app.get("/clients/<string:client_id>", summary="A client", responses={200: ClientView})
@allow(EVERY_ROLE)
def get_client(path: ClientPath) -> dict[str, Any]:
    """With its calendar: `today` is the first day whose demand is not known yet."""
    return _view(service.client(config(), principal(), path.client_id))


def _view(client: Client) -> dict[str, Any]:
    return {**vars(client), "today": client.today(now())}
