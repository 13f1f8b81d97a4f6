"""The demo's documents that no import brings: clients, users, locations, suppliers, purchase terms, campaigns,
orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from functions.auth.password_hashes import hash_password
from infra.local.demo.assortment import TODAY
from infra.local.demo.campaigns import campaigns
from infra.local.demo.order_records import OrderRecord
from infra.local.demo.partners import LOCATIONS, SUPPLIERS
from infra.local.demo.past import Past
from infra.local.stack.console import DEMO_PASSWORD
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.access.principal import PLATFORM_HOME, Role
from shared.domain.access.user import User
from shared.domain.campaigns.campaign import Campaign
from shared.domain.location import Location
from shared.domain.purchasing.item_planning import ItemPlanning
from shared.firestore.audit import AuditLog
from shared.firestore.campaigns import Campaigns
from shared.firestore.clients import Clients
from shared.firestore.conditions import Conditions
from shared.firestore.driver import database
from shared.firestore.locations import Locations
from shared.firestore.products import Products
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.receipts import Receipts
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.users import Users

DEMO = Client("demo", "Regency Gifts Ltd (demo)", "Europe/London", "GBP", business_date=TODAY)
OTHER = Client("other", "Corner Shop (demo)", "Europe/Dublin", "EUR", business_date=TODAY)


def demo_users(password_hash: str | None = None) -> list[User]:
    """One user a role in the demo client, an administrator in the other one, and one of the platform; all with one
    password."""
    users = [
        User(f"demo-{role.value.lower()}", f"{role.value.lower()}@demo.example", password_hash, role, DEMO.client_id)
        for role in Role
    ]
    users.append(User("other-admin", "admin@other.example", password_hash, Role.ADMIN, OTHER.client_id))
    users.append(
        User("platform-admin", "platform@demo.example", password_hash, Role.ADMIN, PLATFORM_HOME, platform=True)
    )
    return users


def write_master_data(config: Config) -> None:
    """Clients, users with the demo's password, and what the demo and the other client have of locations and suppliers;
    repeatable."""
    for client in (DEMO, OTHER):
        Clients(database(config)).put(client)
    for user in demo_users(hash_password(config, DEMO_PASSWORD)):
        Users(database(config)).put(user)
    tenant = Tenant(database(config), DEMO.client_id)
    _write_locations(tenant, LOCATIONS)
    Suppliers(tenant).put_many(SUPPLIERS)
    other = Tenant(database(config), OTHER.client_id)
    _write_locations(other, [Location("SHOP", "Corner Shop", is_default=True, is_synced=True)])


def write_past(config: Config, past: Past, records: Sequence[OrderRecord]) -> None:
    """Purchase terms, campaigns, and the orders of the year with their receipts and audit entries; repeatable."""
    tenant = Tenant(database(config), DEMO.client_id)
    Conditions(tenant).put_many(past.conditions())
    _write_campaigns(tenant, campaigns(past))
    _count_orders(tenant, records)
    PurchaseOrders(tenant).put_many(record.order for record in records)
    Receipts(tenant).put_many((record.order.id, receipt) for record in records for receipt in record.receipts)
    AuditLog(tenant, config).put_many(entry for record in records for entry in record.audit)


def discontinue(config: Config, item_ids: Collection[str]) -> int:
    """Plan that these products are not ordered any more; returns how many."""
    products = Products(Tenant(database(config), DEMO.client_id))
    ended = ItemPlanning(do_not_order=True, reason="discontinued: sold out, and not asked for in a year")
    return products.put_many(replace(product, planning=ended) for product in products.get_many(item_ids).values())


def _write_locations(tenant: Tenant, locations: Sequence[Location]) -> None:
    def write(transaction: Transaction) -> None:
        for location in locations:
            Locations(tenant).put(transaction, location)

    tenant.transact(write)


def _count_orders(tenant: Tenant, records: Sequence[OrderRecord]) -> None:
    """The next order's number follows the last one's of its year; counted once, with the first order of all."""
    store = PurchaseOrders(tenant)
    first = records[0].order

    def write(transaction: Transaction) -> None:
        if store.get_many([first.id], transaction):
            return
        for year, count in Counter(record.order.order_date.year for record in records).items():
            store.next_number(transaction, year, count)
        store.put(transaction, first)

    tenant.transact(write)


def _write_campaigns(tenant: Tenant, planned: Sequence[Campaign]) -> None:
    def write(transaction: Transaction) -> None:
        for campaign in planned:
            Campaigns(tenant).put(transaction, campaign)

    tenant.transact(write)
