"""What a field means, by its name: one thing has one name, so one sentence serves wherever it occurs.

A model describes a field itself where it means more there than its name says. `Model.field` is for a name that means
something else in that model. Types of money and quantities add their unit.
"""

from __future__ import annotations

FIELDS = {
    # what it is about
    "item_id": "The product's id in the client's own system",
    "product_name": "What the product is called",
    "category": "The product's category",
    "location_id": "The id of the location; null: all locations together",
    "supplier_id": "The supplier's id; null: no supplier",
    "supplier_name": "The supplier's name; null: no supplier",
    "order_id": "The id of the purchase order",
    "po_number": "The order's number, as people quote it",
    "currency": "ISO 4217, of all its money",
    "id": "Its id, made by the system",
    "kind": "What kind it is",
    "event": "What has happened",
    "format": "Kind of file",
    "items": "What there is on this page",
    "lines": "One for each item",
    "line": "The line as it is now",
    "line_count": "Number of lines",
    "notes": "What people say of it",
    "reason": "Why, in words",
    # days and times
    "at": "When, UTC",
    "by": "The id of the user",
    "added_at": "When it was put into the cart, UTC",
    "created_at": "When it was made, UTC",
    "updated_at": "When it was last changed, UTC",
    "order_date": "The day on which it was ordered",
    "expected_delivery_date": "The day on which the goods are expected; null: not known",
    "date": "The day, by the client's calendar",
    "date_local": "The day, by the client's calendar",
    "from_date": "The first day",
    "to_date": "The last day, included",
    # stock and metrics
    "current_stock": "What is on hand",
    "unit_cost": "What a unit costs",
    "lead_time_days": "Days from order to delivery",
    "moq": "Least quantity of an order; null: not known",
    "packaging_qty": "Units in a pack, of which an order is a multiple; null: not known",
    "quantity": "How much of it",
    # counts and headline figures
    "total_skus": "Number of products",
    "understocked_count": "Number of understocked products",
    "overstocked_count": "Number of overstocked products",
    "running": "Number of products in a running campaign",
    "planned": "Number of products in a planned campaign and in no running one",
    "none": "Number of products in neither",
    "running_campaigns": "Number of running campaigns that the product is in",
    "planned_campaigns": "Number of planned campaigns that the product is in",
    "created": "Number of rows that made something new",
    "updated": "Number of rows that changed something",
    "unchanged": "Number of rows that say what was known already",
    "rejected": "Number of rows that were refused",
    # errors and imports
    "title": "The status in words",
    "code": "Stable; meant for programs",
    "detail": "What was given and what is allowed; meant for people",
    "pointer": "The field, as a JSON pointer into the body, or under `query`, `path` or `form`",
    "trace_id": "What to quote to support",
    "errors": "Each field that is wrong, and why",
    "field": "The field that is wrong; null: the whole row",
    "row": "The row's number as in a spreadsheet: the header is 1",
    "check": "The code of the check that it failed",
    "dry_run": "Whether nothing was written",
    "statuses": "Number of rows with each result",
    "results": "A result for each row, in the order of the file",
    # settings and recommendations
    "enabled_types": "The types of recommendation that are made",
    "role_rules": "The types that each role sees; a role that is not named sees all",
    "urgent_min_risk": "Probability, 0 to 1, above which a product is URGENT",
    "promote_min_dir_days": "Days of stock above which a product is to be promoted",
    "reduce_order_min_dir_days": "Days of stock above which an order is to be reduced",
    "suggested_action": "What to do",
    "dismissed": "Who hid it, when and until when; null: nobody",
    # changes
    "subject": "What kind of thing was changed",
    "from": "The status before; null: there was none",
    "to": "The status since",
    # requests
    "engine": "What makes the forecast",
    "parameters": "What was asked for",
    # where a name means something else
    "Problem.status": "The HTTP status",
    "Problem.type": "about:blank: `code` says what kind it is",
    "UpdateResult.status": "Whether the product was changed",
    "OrderRow.status": "Where the order stands",
    "OrderView.status": "Where the order stands",
    "OpenOrderOfProduct.status": "Where the order stands",
    "StatusChange.status": "Where to move the order",
    "status": "The state of its stock: dead_stock, understocked, overstocked or normal",
}
