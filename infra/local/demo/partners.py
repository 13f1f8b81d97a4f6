"""Whom the demo shop buys from and where it keeps its goods: made up, as its own system would send them."""

from __future__ import annotations

from decimal import Decimal

from infra.local.demo.deliveries import Habits
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
        lead_time_days=42,
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
        lead_time_days=9,
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
        lead_time_days=12,
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
        lead_time_days=28,
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
        lead_time_days=16,
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
        lead_time_days=35,
        minimum_order_value=Decimal("2000.00"),
        is_synced=True,
    ),
)

SHARES = (30, 28, 3, 16, 9, 5, 5, 4)  # percent of the range that each of SUPPLIERS sells first: most comes from nearby

# What they really do, in the order of SUPPLIERS.
HABITS = (
    Habits(weekday=0, transit_days=1, late=0.08, late_days=3),  # Albion: reliable
    Habits(weekday=2, transit_days=1, late=0.1, late_days=4, short=0.15),  # Bristol
    Habits(weekday=1, transit_days=30, late=0.4, late_days=16, short=0.2),  # Canton: often late
    Habits(weekday=3, transit_days=3, late=0.12, late_days=5),  # Delft
    Habits(weekday=4, transit_days=4, late=0.2, late_days=7, in_parts=0.45, short=0.2),  # Gdansk: in parts
    Habits(weekday=0, transit_days=21, late=0.25, late_days=10),  # Jaipur
    Habits(weekday=2, transit_days=6, late=0.35, late_days=12),  # Lisbon: often late
    Habits(weekday=4, transit_days=26, late=0.15, late_days=9, short=0.25),  # Ningbo
)
