"""A small shop's day, in which every operation is called once and succeeds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from functions.etl import chain, client_files
from shared.bigquery.client import bigquery_client
from shared.config import config
from shared.domain.access.principal import Role
from shared.domain.notification import NotificationEvent
from shared.domain.settings import NotificationTargets
from shared.http.access import clock
from shared.tasks.announcing import Announcement, announce
from shared.tasks.operations import Operations
from tests.examples.recorder import Recorder
from tests.support.metrics_rows import metrics_row, put_metrics
from tests.support.planted_scores import plant
from tests.support.shops import fill
from tests.support.tenants import TODAY, eventually
from tests.support.users import PASSWORD, sign_up

ITEM = "A/1"
_NOT_DELIVERED = "shared.tasks.starting.deliver"
_WEEK_BEFORE: tuple[dict[str, Any], ...] = (
    {"item_id": ITEM, "status": "understocked", "current_stock": 6, "unit_cost": 2.5, "inventory_value": 15}
    | {"expected_daily_demand": 3.0, "dir": 2.0, "sales_at_risk": 94.4, "excess_value": 0},
    {"item_id": "b 2", "status": "overstocked", "current_stock": 410, "unit_cost": 4, "inventory_value": 1640}
    | {"expected_daily_demand": 1.25, "dir": 328.0, "sales_at_risk": 0, "excess_value": 1190},
)
_SCORES: tuple[dict[str, Any], ...] = (
    {"item_id": ITEM, "days_since_sale": 1, "actual": 3.0, "error": 0.5, "absolute_error": 0.5}
    | {"covered_q50": 1, "covered_q80": 1, "covered_q90": 1, "covered_q95": 1},
)
_TOTALS: tuple[dict[str, Any], ...] = (
    {"item_id": ITEM, "days_since_sale": 1, "actual": 84.0, "forecast": 90.0, "absolute_error": 6.0, "naive": 112.0}
    | {"unit_cost": 2.5, "covered_q80": 1, "covered_q90": 1, "covered_q95": 1, "covered_q98": 1},
    {"item_id": "b 2", "days_since_sale": 2, "actual": 35.0, "forecast": 33.0, "absolute_error": 2.0, "naive": 28.0}
    | {"unit_cost": 4, "covered_q80": 1, "covered_q90": 1, "covered_q95": 1, "covered_q98": 1},
)


def play(api: Recorder) -> None:
    """Call every operation."""
    put_metrics(api.client, [metrics_row(TODAY - dt.timedelta(7), **row) for row in _WEEK_BEFORE])
    fill(api.client)
    for part in (
        _locations,
        _suppliers,
        _products,
        _stock,
        _orders,
        _campaigns,
        _settings,
        _recommendations,
        _forecasts,
        _imports,
        _sources,
        _mappings,
        _runs,
        _analytics,
        _notifications,
        _chat,
        _access,
    ):
        part(api)
        _let_all_end(api)


def _locations(api: Recorder) -> None:
    london = {"location_id": "LONDON", "name": "London warehouse", "is_default": True}
    api("createLocation", body=london)
    api("createLocation", body={"location_id": "LEEDS", "name": "Leeds"}, keep=False)
    api("createLocation", body={"location_id": "HULL", "name": "Hull"}, keep=False)
    api("listLocations")
    path = {"location_id": "LONDON"}
    api("getLocation", path=path)
    api("putLocation", path=path, body={"name": "London, main warehouse", "is_default": True})
    api("deleteLocation", path={"location_id": "HULL"})
    api("createLocation", body={"location_id": "YORK", "name": "York"}, keep=False)


def _suppliers(api: Recorder) -> None:
    terms: dict[str, Any] = {
        "name": "Acme Ltd",
        "external_id": "4711",
        "contact_name": "Ann Acme",
        "contact_email": "orders@acme.example",
        "address": "1 Dock Road\nLiverpool L3 4AA\nUnited Kingdom",
        "payment_terms": "30 days net",
        "lead_time_days": 10,
        "minimum_order_value": 100,
    }
    api("createSupplier", body={"supplier_id": "acme", **terms})
    api("createSupplier", body={"supplier_id": "best", "name": "Best"}, keep=False)
    file = ("suppliers.csv", "supplier_id,name\ncheap,Cheap Ltd\nfast,Fast Ltd\n")
    api("importSuppliers", form={"file": file})
    links = ("links.csv", "item_id,supplier_id,supplier_cost,lead_time_days\nnormal,cheap,0.80,7\n")
    api("importProductSuppliers", form={"file": links, "dry_run": "true"})
    api("listSuppliers", query={"search": "acme"})
    path = {"supplier_id": "acme"}
    api("getSupplier", path=path)
    api("putSupplier", path=path, body=terms | {"payment_terms": "60 days net"})
    api("listSupplierProducts", path=path)
    api("deleteSupplier", path={"supplier_id": "best"})


def _products(api: Recorder) -> None:
    path = {"item_id": ITEM}
    filters: dict[str, Any] = {"category": ["Lights"], "sort": "-stockout_risk,product_name"}
    api("listProducts", query=filters | {"page_size": 2})
    api("exportProducts", query=filters | {"format": "csv"})
    api("listCampaignStatus", query={"page_size": 2})
    api("getProduct", path=path, query={"days": 7})
    api("getProductMetrics", path=path)
    planning = {"min_stock": 20, "do_not_order": False, "reason": "shown in the window"}
    api("patchProduct", path=path, body={"category": "Lamps", "planning": planning})
    api("putProduct", path=path, body={"product_name": "Red lantern", "category": "Lights", "unit_cost": 2.5})
    api("updateProducts", body={"updates": [{"item_id": "b 2", "strategic": True}, {"item_id": "nothing"}]})
    api("listProductSuppliers", path=path)
    supplier = {"item_id": ITEM, "supplier_id": "cheap"}
    link = {"lead_time_days": 14, "moq": 24, "packaging_qty": 12, "supplier_cost": 1.5}
    api("linkSupplier", path=path, body={"supplier_id": "cheap", **link})
    api("getProductSupplier", path=supplier)
    api("putProductSupplier", path=supplier, body=link | {"supplier_cost": 1.45})
    api("unlinkSupplier", path=supplier)
    api("listProductLocations", path=path)
    api("assignLocation", path={"item_id": "b 2"}, body={"location_id": "LEEDS", "current_stock": 3})
    api("assignLocation", path={"item_id": "b 2"}, body={"location_id": "YORK"}, keep=False)
    api("unassignLocation", path={"item_id": "b 2", "location_id": "YORK"})
    api("listCategories")
    api("getDashboard")


def _stock(api: Recorder) -> None:
    api("listStockLevels", query={"item_id": [ITEM]})
    correction = {"item_id": ITEM, "location_id": "LONDON", "current_stock": 9, "reason": "counted"}
    api("correctStockLevel", body=correction)
    transfer = {"item_id": ITEM, "from_location_id": "LONDON", "to_location_id": "LEEDS", "quantity": 2}
    made = api("createTransfer", body=transfer | {"expected_stock": 9, "reason": "Leeds runs short"})
    api("listTransfers", query={"location_id": ["LEEDS"]})
    api("getTransfer", path={"transfer_id": made["id"]})


def _orders(api: Recorder) -> None:
    api("listSuggestions", query={"page_size": 2})
    api("listSuggestedTransfers", query={"page_size": 2})
    api("addToCart", body={"item_id": ITEM, "supplier_id": "acme", "quantity": 24})
    api("getCart")
    api("putCartLine", path={"item_id": ITEM}, body={"quantity": 36})
    api("deleteCartLine", path={"item_id": ITEM})
    api("addSuggestionsToCart", body={"items": [{"item_id": ITEM}]})
    order = api("orderCart", body={"supplier_ids": ["acme"], "notes": "Ring the bell"})["orders"][0]
    api("clearCart")
    line = {"item_id": ITEM, "quantity": 12}
    api("createPurchaseOrder", body={"supplier_id": "acme", "items": [line], "location_id": "LONDON"})
    api("listPurchaseOrders", query={"status": ["pending"], "page_size": 2})
    path = {"order_id": order["id"]}
    api("getPurchaseOrder", path=path)
    api("patchPurchaseOrder", path=path, body={"shipping_method": "road", "notes": "Ring the bell twice"})
    api("putPurchaseOrderStatus", path=path, body={"status": "confirmed", "reason": "by telephone"})
    api("createReceipt", path=path, body={"lines": [{"item_id": ITEM, "quantity": 5}], "location_id": "LONDON"})
    api("listPurchaseOrderReceipts", path=path)
    api("getPurchaseOrderDocument", path=path, query={"format": "pdf"})


def _campaigns(api: Recorder) -> None:
    terms: dict[str, Any] = {
        "name": "Summer lights",
        "campaign_type": "discount",
        "start_date": "2024-07-01",
        "end_date": "2024-07-14",
        "budget": 500,
    }
    product = {"item_id": ITEM, "discount": 15, "target_audience": "families"}
    made = api("createCampaign", body={**terms, "products": [product]})
    path = {"campaign_id": made["campaign_id"]}
    api("listCampaigns", query={"status": ["planned"]})
    api("getCampaign", path=path)
    api("putCampaign", path=path, body=terms | {"budget": 600})
    api("listCampaignProducts", path=path)
    api("putCampaignProducts", path=path, body={"products": [product, {"item_id": "b 2"}]})
    api("getCampaignPerformance", path={"campaign_id": "1"})
    api("deleteCampaign", path=path)


def _settings(api: Recorder) -> None:
    api("getSettings")
    api("putSettings", body={"safety_buffer_days": 3, "service_level": 0.95})
    _let_all_end(api)  # a refresh that has not begun is answered again
    api("patchSettings", body={"safety_buffer_days": 5})
    api("getRecommendationRules")
    api("putRecommendationRules", body={"enabled_types": ["URGENT", "REORDER"]})
    api("putRecommendationRules", body={}, keep=False)


def _recommendations(api: Recorder) -> None:
    page = api("listRecommendations", query={"page_size": 2})
    path = {"recommendation_id": page["items"][0]["id"]}
    api("dismissRecommendation", path=path, body={"until": "2024-06-30", "reason": "ordered by telephone"})
    api("restoreRecommendation", path=path)


def _chat(api: Recorder) -> None:
    api("askQuestion", body={"question": "How much cash is tied up in dead stock?"})
    drafted = api(
        "askQuestion", body={"question": "Draft an order for everything urgent under 5,000 pounds"}, keep=False
    )
    assert drafted["proposal"] is None or drafted["proposal"]["token"]


def _forecasts(api: Recorder) -> None:
    path = {"run_id": "latest", "item_id": ITEM}
    api("listForecastRuns")
    api("getForecastRun", path={"run_id": "latest"})
    api("getItemForecast", path=path, query={"history_days": 7})
    api("getItemForecastChart", path=path, query={"format": "svg"})
    with mock.patch(_NOT_DELIVERED):
        started = api("startForecast", body={"item_ids": [ITEM], "horizon_days": 28})
    api("cancelOperation", path={"operation_id": started["id"]})


def _imports(api: Recorder) -> None:
    rows = "item_id,product_name,category,unit_cost\nmug,Green mug,Kitchen,4.20\n,No id,Kitchen,1\n"
    run_id = api("importFile", form={"kind": "products", "file": ("products.csv", rows)})["id"]
    _let_all_end(api)
    api("startValidation")
    _let_all_end(api)
    api("getValidation")
    api("listImportRuns", query={"page_size": 1})
    api("getImportRun", path={"run_id": run_id})
    api("listImportRejects", path={"run_id": run_id})
    api("listOperations", query={"kind": ["etl_import.products"]})
    api("getOperation", path={"operation_id": run_id})
    api("followEvents", query={"max_seconds": 0})
    api("refreshMetrics", body={})


def _sources(api: Recorder) -> None:
    """A dataset of another project, in the emulator."""
    client = bigquery_client(config())
    client.create_dataset("their-project.erp", exists_ok=True)
    client.query("CREATE OR REPLACE TABLE `their-project.erp.items` (code STRING, name STRING, cost NUMERIC)").result()
    client.query("INSERT INTO `their-project.erp.items` VALUES ('mug', 'Green mug', 4.2)").result()
    mapping = {"item_id": "code", "product_name": "name", "unit_cost": "cost"}
    entities = {"products": {"table": "items", "mapping": mapping}}
    source = {"kind": "bigquery", "project": "their-project", "dataset": "erp", "entities": entities}
    path = {"source_id": "erp"}
    api("putSource", path=path, body=source)
    api("testSource", path=path)
    api("startSync", path={"kind": "products"}, body={"source_id": "erp"})
    _let_all_end(api)
    api("getSource", path=path)
    api("listSources")
    api("deleteSource", path=path)


def _mappings(api: Recorder) -> None:
    path = {"kind": "products"}
    api("putMapping", path=path, body={"mapping": {"item_id": "Artikel", "unit_cost": "EK"}, "decimal_mark": ","})
    api("getMapping", path=path)
    api("listMappings")
    api("getTemplate", path=path, query={"format": "xlsx"})
    api("deleteMapping", path=path)


def _runs(api: Recorder) -> None:
    """One that fails in its forecast, which nobody launches, and goes on."""
    with mock.patch(_NOT_DELIVERED), mock.patch("functions.etl.chain.deliver"):
        run_id = api("startEtlRun")["id"]
        chain.advance(config(), api.client.tenant, run_id, clock)
        operations = Operations(api.client.tenant)
        found = {"error": 0, "warning": 1, "info": 0, "suspicious": False}
        with mock.patch("shared.tasks.operations.deliver"):
            checked = str(operations.get(run_id).steps[0].operation_id)
            operations.change(checked, lambda step: step.succeeded(clock(), found, None))
        chain.advance(config(), api.client.tenant, run_id, clock)
        forecast_id = operations.get(run_id).steps[1].operation_id
        with mock.patch("shared.tasks.operations.deliver"):
            ended = "the execution ended without publishing the run"
            operations.change(str(forecast_id), lambda step: step.failed(clock(), "execution_failed", ended))
        chain.advance(config(), api.client.tenant, run_id, clock)
        api("retryOperation", path={"operation_id": run_id})
    api.client.post(f"/operations/{run_id}/cancel")


def _notifications(api: Recorder) -> None:
    """One that waits for its first attempt, which nobody makes."""
    tenant = api.client.tenant
    targets = NotificationTargets.model_validate(
        {"webhook_url": "https://hooks.example.com/stockcast", "secret": "hook"}
    )
    error = {"code": "source_shrunken", "detail": "the source holds 120 stock levels, the last run left 4,120"}
    data = {"run_id": "4f1c", "kind": "etl_sync.stock-levels", "status": "failed", "error": error}
    told = Announcement(NotificationEvent.RUN_FAILED, ("example",), clock(), data)
    tenant.transact(lambda transaction: announce(tenant, transaction, targets, told))
    listed = api("listNotifications")
    with mock.patch("functions.notifications.service.deliver"):
        api("resendNotification", path={"notification_id": listed["items"][0]["id"]})


def _let_all_end(api: Recorder) -> None:
    def ended() -> bool:
        states = [api.client.get(f"/operations?status={status}").json() for status in ("pending", "running")]
        return not any(page["total"] for page in states)

    eventually(ended, "all operations to end")


def _analytics(api: Recorder) -> None:
    plant(api.client, _SCORES, _TOTALS)
    api("getForecastAccuracy", query={"group_by": "recency"})
    api("getInventoryTrends", query={"interval": "week"})
    api("getSupplierPerformance")
    api("listAuditEntries", query={"page_size": 2})


def _access(api: Recorder) -> None:
    user = sign_up(api.client, user_id="u-buyer", email="buyer@example.org", role=Role.PROCUREMENT)
    anonymous = {"Authorization": "", "X-Forwarded-For": "example"}
    api("getKeySet", headers=anonymous)
    pair = api("createToken", body={"email": user.user.email, "password": PASSWORD}, headers=anonymous)
    pair = api("refreshToken", body={"refresh_token": pair["refresh_token"]}, headers=anonymous)
    signed_in = {"Authorization": f"Bearer {pair['access_token']}"}
    api("getMe", headers=signed_in)
    api("putMe", body={"name": "Bea Buyer", "locale": "en-GB"}, headers=signed_in)
    changed = {"current_password": PASSWORD, "new_password": f"{PASSWORD} again"}
    pair = api("putPassword", body=changed, headers=signed_in)
    api("logout", body={"refresh_token": pair["refresh_token"]}, headers=anonymous)
    api("listUsers")
    made = api("createUser", body={"email": "ceo@example.org", "role": "CEO", "name": "Cleo"})
    path = {"user_id": made["user_id"]}
    api("getUser", path=path)
    reset = api("createPasswordReset", path=path)
    new_password = {"token": reset["token"], "new_password": PASSWORD}
    api("createPassword", body=new_password, headers=anonymous)
    api("putUser", path=path, body={"role": "VIEWER"})
    api("deleteUser", path=path)
    token = api("createServiceToken", body={"name": "ERP export"})
    api("listServiceTokens")
    api("deleteServiceToken", path={"token_id": token["id"]})
    platform = {"Authorization": f"Bearer {api.client.token(platform=True)}"}
    shop = {"client_id": "new-shop", "name": "New shop", "timezone": "Europe/London", "currency": "GBP"}
    api("createClient", body=shop, headers=platform)
    api("putClient", path={"client_id": "new-shop"}, body={"name": "New shop Ltd"}, headers=platform)
    api("listClients")
    api("closeClient", path={"client_id": "new-shop"}, query={"grace_days": 30}, headers=platform)
    with mock.patch(_NOT_DELIVERED):
        exported = api("exportClient", path={"client_id": api.client.client_id})
    api("cancelOperation", path={"operation_id": exported["id"]}, keep=False)
    with TemporaryDirectory() as folder:
        made = Path(folder) / "users.jsonl"
        made.write_text("{}\n")
        client_files.store(config(), api.client.client_id, "example", made)
    api("getExportFile", path={"export_id": "example", "file_name": "users.jsonl"})
    api("getClient", path={"client_id": api.client.client_id})
