"""The demo: a real shop's sales, loaded through the product's own API, and tokens to use it with."""

from __future__ import annotations

import datetime as dt
import sys
from collections import defaultdict
from typing import Any

from infra.local.demo.assortment import Assortment
from infra.local.demo.documents import DEMO, OTHER, demo_users, write_master_data
from infra.local.demo.loading import Api, load_demo, load_other
from infra.local.demo.past import Past
from infra.local.demo.welcome import Terminal, welcome
from shared.bigquery.dataset import create_missing
from shared.catalog.store import CatalogStore
from shared.config import Config, config
from shared.domain.access.principal import PLATFORM_HOME
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.tokens import issue_access_token

_TOKEN_LIFETIME = dt.timedelta(days=1)


def ensure(stack: Terminal, fresh: bool) -> dict[str, Any]:
    """Load the demo unless it is there already; returns the clients and tokens for stack.json, and says hello."""
    settings = config()
    tokens = _tokens(Config.from_env(stack.api_env))
    description = {
        "client_id": DEMO.client_id,
        "tokens": tokens[DEMO.client_id],
        "other": {"client_id": OTHER.client_id, "tokens": tokens[OTHER.client_id]},
        "platform": {"token": tokens[PLATFORM_HOME]["ADMIN"]},
    }

    def api(client_id: str) -> Api:
        def say(what: str, seconds: float) -> None:
            stack.say(f"  {what}  ({seconds:.1f} s)")

        return Api(stack.base_url, tokens[client_id]["ADMIN"], say)

    # The other client's catalog is published last: where it is, everything is.
    if fresh or CatalogStore(Tenant(database(settings), OTHER.client_id)).pointer().pointer is None:
        stack.say("loading the demo: real sales of a gift shop, about two minutes")
        create_missing(settings)
        write_master_data(Config.from_env(stack.api_env))
        load_demo(settings, api(DEMO.client_id), Past(Assortment()))
        load_other(api(OTHER.client_id))
    welcome(stack, api(DEMO.client_id), colour=sys.stdout.isatty())
    return description


def _tokens(settings: Config) -> dict[str, dict[str, str]]:
    """client_id -> role -> a token that lasts a day."""
    now = dt.datetime.now(dt.UTC)
    tokens: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for user in demo_users():
        tokens[user.client_id][user.role.value] = issue_access_token(settings, user.principal, now, _TOKEN_LIFETIME)
    return tokens
