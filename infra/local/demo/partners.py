"""Whom the demo shop buys from and where it keeps its goods: made up, as its own system would send them."""

from __future__ import annotations

from decimal import Decimal

from shared.domain.location import Location, LocationType
from shared.domain.purchasing.supplier import Supplier

WAREHOUSE = "LONDON"  # where orders go

LOCATIONS = (
    Location(
        WAREHOUSE,
        "London",
        LocationType.WAREHOUSE,
        "Unit 7, Albert Dock Road",
        "London",
        "United Kingdom",
        is_default=True,
        is_synced=True,
    ),
    Location("DUBLIN", "Dublin", LocationType.STORE, "12 Fownes Street", "Dublin", "Ireland", is_synced=True),
    Location(
        "ROTTERDAM", "Rotterdam", LocationType.WAREHOUSE, "Waalhaven 88", "Rotterdam", "Netherlands", is_synced=True
    ),
)

SUPPLIERS = (
    Supplier(
        "SUP-ALBION",
        "Albion Giftware",
        external_id="V-1001",
        contact_name="Harriet Cole",
        contact_email="orders@albion.example",
        contact_phone="+44 20 7946 0101",
        address="4 Canal Row\nLondon N1 7RJ",
        supplier_type="Manufacturer",
        payment_terms="30 days net",
        lead_time_days=7,
        is_synced=True,
    ),
    Supplier(
        "SUP-BRISTOL",
        "Bristol Paper Company",
        external_id="V-1002",
        contact_name="Tom Avery",
        contact_email="sales@bristolpaper.example",
        contact_phone="+44 117 496 0102",
        address="Mill Lane\nBristol BS1 4QD",
        supplier_type="Manufacturer",
        payment_terms="14 days, 2 % discount",
        lead_time_days=5,
        minimum_order_value=Decimal("150.00"),
        is_synced=True,
    ),
    Supplier(
        "SUP-CANTON",
        "Canton Homeware",
        external_id="V-2001",
        contact_name="Chen Wei",
        contact_email="export@canton.example",
        address="188 Haizhu Road\nGuangzhou",
        supplier_type="Importer",
        payment_terms="30 % with the order, 70 % before shipment",
        lead_time_days=45,
        minimum_order_value=Decimal("2500.00"),
        notes="Closed for two weeks around the Chinese New Year.",
        is_synced=True,
    ),
    Supplier(
        "SUP-DELFT",
        "Delft Ceramics",
        external_id="V-1003",
        contact_name="Anneke Visser",
        contact_email="verkoop@delft.example",
        contact_phone="+31 15 555 0103",
        address="Oude Delft 21\n2611 BC Delft",
        supplier_type="Manufacturer",
        payment_terms="30 days net",
        lead_time_days=14,
        minimum_order_value=Decimal("400.00"),
        is_synced=True,
    ),
    Supplier(
        "SUP-GDANSK",
        "Gdansk Glass",
        external_id="V-1004",
        contact_email="biuro@gdanskglass.example",
        address="ul. Długa 7\n80-827 Gdańsk",
        supplier_type="Manufacturer",
        lead_time_days=18,
        is_synced=True,
    ),
    Supplier(
        "SUP-JAIPUR",
        "Jaipur Textiles",
        external_id="V-2002",
        contact_name="Meera Sharma",
        contact_email="export@jaipur.example",
        address="MI Road\nJaipur 302001",
        supplier_type="Importer",
        payment_terms="Letter of credit",
        lead_time_days=30,
        minimum_order_value=Decimal("1200.00"),
        is_synced=True,
    ),
    Supplier(
        "SUP-LISBON",
        "Lisbon Cork & Cane",
        external_id="V-1005",
        contact_name="Rui Antunes",
        contact_email="encomendas@cork.example",
        address="Rua do Alecrim 40\n1200-018 Lisboa",
        supplier_type="Wholesaler",
        payment_terms="60 days net",
        lead_time_days=21,
        is_synced=True,
    ),
    Supplier(
        "SUP-NINGBO",
        "Ningbo Trading",
        external_id="V-2003",
        contact_name="Li Na",
        contact_email="orders@ningbo.example",
        address="Zhongshan East Road 1\nNingbo",
        supplier_type="Importer",
        payment_terms="30 % with the order, 70 % before shipment",
        lead_time_days=38,
        minimum_order_value=Decimal("2000.00"),
        is_synced=True,
    ),
)
