"""Files as people have them, read without a mapping: what each is, and what becomes of it.

`python -m tests.shared.imports.messy_files` prints the share that is read without a mapping being typed.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.domain.imports.given_notation import FOUND, GivenNotation
from shared.domain.imports.import_errors import UnusableFile
from shared.domain.imports.questions import refuse_open
from shared.domain.imports.record_checks import cell_check, check_records, field_checks, total_check
from shared.imports.column_finding import header_fit
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.import_options import ImportKind
from shared.imports.notation_detection import with_notation
from shared.imports.readers.file_reading import FileReading
from shared.imports.readers.formats import SourceFormat, detect_format, open_file, read_here
from shared.imports.record_stream import stream_of
from shared.imports.run_kinds import run_kind

FOLDER = Path(__file__).parents[2] / "data" / "messy"
TODAY = dt.date(2011, 11, 30)
SHOP = {"location_id": "SHOP"}


@dataclass(frozen=True)
class MessyFile:
    """A file, the kind of records in it, what a person says of it that no file holds, and what is expected.

    `refused` is the code of the question or of the refusal; None: it is read. `accepted` has the accepted records in
    order, the values of `fields` between bars; `rejected` counts the others by check.
    """

    name: str
    kind: ImportKind
    fields: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    refused: str | None = None
    blanks: Mapping[str, str] = field(default_factory=dict)
    notation: GivenNotation = FOUND


@dataclass(frozen=True)
class Outcome:
    """What became of a file."""

    refused: str | None
    detail: str
    accepted: tuple[str, ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)


def outcome(file: MessyFile) -> Outcome:
    """Read the file as an import without a mapping does, up to the checks that need nothing but the record."""
    with TemporaryDirectory() as folder:
        path = Path(shutil.copy(FOLDER / file.name, folder))
        kind = run_kind(file.kind)
        try:
            with path.open("rb") as content:
                source_format = detect_format(file.name, content.read(16))
            opened = open_file if source_format is SourceFormat.CSV else read_here  # what the child would do
            source = opened(path, source_format, FileReading(), header_fit(kind.mapped_fields(None), ()))
            fields = kind.fields[kind.aggregate_of((), source.header)]
            stream = stream_of(source, NO_MAPPING, fields, "Europe/London", blanks=file.blanks)
            stream = with_notation(stream, file.notation, TODAY)
            refuse_open(stream.notation.questions)
            batch = stream.whole()
        except UnusableFile as error:
            return Outcome(error.code, error.detail)
    accepted, rejects = check_records(batch.records, [total_check(), cell_check(), *field_checks(fields)])
    first = rejects.unique("row_number", keep="first", maintain_order=True)
    rejected = Counter(first["code"].to_list() + batch.malformed["code"].to_list())
    shown = ("|".join(map(_written, row)) for row in accepted.select(*file.fields).iter_rows())
    return Outcome(None, "", tuple(shown), rejected)


def _written(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value).removesuffix(" 00:00:00")


_FIELDS: Mapping[ImportKind, tuple[str, ...]] = {
    ImportKind.PRODUCTS: ("item_id", "product_name", "category", "unit_cost"),
    ImportKind.STOCK_LEVELS: ("item_id", "location_id", "current_stock"),
    ImportKind.COMMITTED: ("item_id", "location_id", "committed"),
    ImportKind.SUPPLIERS: (
        "supplier_id",
        "external_id",
        "name",
        "contact_email",
        "lead_time_days",
        "minimum_order_value",
    ),
    ImportKind.PRODUCT_SUPPLIERS: (
        "item_id",
        "supplier_id",
        "supplier_cost",
        "lead_time_days",
        "moq",
        "packaging_qty",
        "is_primary",
    ),
    ImportKind.LOCATIONS: ("location_id", "name", "address", "city"),
    ImportKind.SALES_HISTORY: ("item_id", "location_id", "date_local", "units_sold", "price", "revenue"),
}


def _file(name: str, kind: ImportKind, *accepted: str, **expected: Any) -> MessyFile:
    return MessyFile(name, kind, _FIELDS[kind], accepted, **expected)


# As the faults that were reported have them.
REPORTED = (
    _file(
        "messy1_stock_count.xlsx",
        ImportKind.STOCK_LEVELS,
        refused="ambiguous_numbers",
    ),
    _file(
        "messy2_erp_stock_by_lot.csv",
        ImportKind.STOCK_LEVELS,
        refused="ambiguous_numbers",
    ),
    _file(
        "messy2_erp_stock_by_lot_commas.csv",
        ImportKind.STOCK_LEVELS,
        refused="ambiguous_numbers",
    ),
    _file(
        "messy3_price_list.csv",
        ImportKind.PRODUCT_SUPPLIERS,
        "TEA|BUG-FIX|0.895|14|12|6|True",
        "COFFEE|BUG-FIX|1.2|7|||",
        "MILK|BUG-FIX|0.99|3|1|12|False",
    ),
    _file(
        "messy3_price_list_trimmed.csv",
        ImportKind.PRODUCT_SUPPLIERS,
        "TEA|BUG-FIX|0.895|14|12|6|True",
        "COFFEE|BUG-FIX|1.2|7|||",
        "MILK|BUG-FIX|0.99|3|1|12|False",
    ),
    _file(
        "messy4_till_export.csv",
        ImportKind.SALES_HISTORY,
        refused="ambiguous_dates",
        blanks=SHOP,
    ),
    _file(
        "messy4_till_export_iso.csv",
        ImportKind.SALES_HISTORY,
        "tea|SHOP|2011-10-10 09:14:00|2|2.5|",
        "tea|SHOP|2011-10-10 16:40:00|3|2.5|",
        "TEA|SHOP|2011-10-11 10:05:00|-1|2.5|",
        rejected={"total_row": 1},
        blanks=SHOP,
    ),
    _file(
        "messy5_product_list.csv",
        ImportKind.PRODUCTS,
        'PL-1|Plate 12" white|Plates|1',
        'PL-2|"Plate 12" blue|Plates|1',
        "PL-3|Mug “Tea”|Mugs|2",
        "PL-4|Café set|Mugs|2",
        "pl-1|Plate 12in white|Plates|1.05",
        rejected={"total_row": 1},
    ),
)
# As systems and people write them, in six languages.
WRITTEN = (
    _file(
        "en_shopify_products.csv",
        ImportKind.PRODUCTS,
        "TEA-250|Assam Tea, loose|Food > Beverages > Tea|2.85",
        "COFFEE-1K|House Coffee|Food > Beverages > Coffee|9.125",
        'MUG-W|Mug "Paris", white|Home > Kitchen|2.1',
    ),
    _file(
        "en_shopify_orders.csv",
        ImportKind.SALES_HISTORY,
        "TEA-250|SHOP|2011-10-10 09:14:20|3|6.5|",
        "COFFEE-1K|SHOP|2011-10-10 09:14:20|1|18.9|",
        "TEA-250|SHOP|2011-10-11 16:39:58|2|6.5|",
    ),
    _file(
        "en_square_items.csv",
        ImportKind.SALES_HISTORY,
        "TEA-250|SHOP|2011-10-13 09:14:05|2||13",
        "MUG-W|SHOP|2011-10-13 09:14:05|1||7.2",
        "TEA-250|SHOP|2011-10-14 17:02:51|-1||-6.5",
    ),
    _file(
        "en_lightspeed_inventory.csv",
        ImportKind.STOCK_LEVELS,
        refused="missing_columns",
        blanks=SHOP,
    ),
    _file(
        "en_excel_stock_count.xlsx",
        ImportKind.STOCK_LEVELS,
        refused="ambiguous_numbers",
    ),
    _file(
        "en_quickbooks_vendors.csv",
        ImportKind.SUPPLIERS,
        "Bug & Fix||Bug & Fix Ltd|orders@bugfix.example|14|",
        "Potters||Potters Guild|sales@potters.example|21|",
    ),
    _file(
        "de_sap_mb52_stock.txt",
        ImportKind.STOCK_LEVELS,
        "TEA-250|SHOP|1240",
        "COFFEE-1K|SHOP|12",
        rejected={"negative": 1},
    ),
    _file(
        "de_lexware_artikel.csv",
        ImportKind.PRODUCTS,
        "TEE-250|Assam Tee, lose|Tee|2.85",
        'KAFFEE-1K|Hauskaffee "Größe 1 kg"|Kaffee|1009.125',
        "BECHER-W|Becher weiß|Geschirr|2.1",
    ),
    _file(
        "de_datev_kreditoren.csv",
        ImportKind.SUPPLIERS,
        "|70001|Käfer & Söhne GmbH|bestellung@kaefer.example||",
        "|70002|Töpferei Nord|info@toepferei.example||",
    ),
    _file(
        "de_offene_auftraege.csv",
        ImportKind.COMMITTED,
        "TEE-250|LADEN|12",
        "KAFFEE-1K|LADEN|3",
    ),
    _file(
        "fr_sage_articles.csv",
        ImportKind.PRODUCTS,
        "THE-250|Thé d'Assam en vrac|Thés|2.85",
        "CAFE-1K|Café maison « 1 kg »|Cafés|1009.13",
        "TASSE-B|Tasse blanche|Vaisselle|2.1",
    ),
    _file(
        "fr_sage_ventes.csv",
        ImportKind.SALES_HISTORY,
        "THE-250|BOUTIQUE|2011-10-03|3||19.5",
        "CAFE-1K|BOUTIQUE|2011-10-03|1||18.9",
        "THE-250|BOUTIQUE|2011-10-31|-1||-6.5",
        rejected={"total_row": 1},
    ),
    _file(
        "fr_excel_stock.xlsx",
        ImportKind.STOCK_LEVELS,
        "THE-250|BOUTIQUE|1240",
        "CAFE-1K|BOUTIQUE|12",
        rejected={"total_row": 1},
    ),
    _file(
        "es_excel_inventario.xlsx",
        ImportKind.STOCK_LEVELS,
        "TE-250|TIENDA|40",
        "CAFE-1K|TIENDA|12.5",
        rejected={"total_row": 1},
    ),
    _file(
        "es_contaplus_proveedores.csv",
        ImportKind.SUPPLIERS,
        "P-001||Té y Cía. S.L.|pedidos@teycia.example|14|250",
        "P-002||Alfarería Núñez|ventas@nunez.example|21|1000",
    ),
    _file(
        "es_ventas_ambiguas.csv",
        ImportKind.SALES_HISTORY,
        refused="ambiguous_dates",
    ),
    _file(
        "it_danea_fornitori.csv",
        ImportKind.SUPPLIERS,
        "F001||Tè & Caffè S.r.l.|ordini@tecaffe.example||",
        "F002||Ceramiche Libertà|info@liberta.example||",
    ),
    _file(
        "it_vendite_giornaliere.tsv.gz",
        ImportKind.SALES_HISTORY,
        "TE-250|NEGOZIO|2011-10-10|3||",
        "TE-250|NEGOZIO|2011-10-11|1240.5||",
        "CAFFE-1K|NEGOZIO|2011-10-31|2||",
    ),
    _file(
        "it_giacenze_ambigue.csv",
        ImportKind.STOCK_LEVELS,
        refused="ambiguous_numbers",
    ),
    _file(
        "nl_exact_leveranciersartikelen.csv",
        ImportKind.PRODUCT_SUPPLIERS,
        "THEE-250|LEV-1|2.85|14|12|6|True",
        "KOFFIE-1K|LEV-1|1009.13|7|1|1|True",
        "THEE-250|LEV-2|2.95|21|24|6|False",
    ),
    _file(
        "nl_lightspeed_artikelen.csv",
        ImportKind.PRODUCTS,
        "THEE-250|Assam thee, los|Thee|2.85",
        "KOFFIE-1K|Huiskoffie|Koffie|9.125",
    ),
    _file(
        "nl_excel_vestigingen.xlsx",
        ImportKind.LOCATIONS,
        "AMS|Winkel Amsterdam|Damrak 1|Amsterdam",
        "RTM|Winkel Rotterdam|Coolsingel 2|Rotterdam",
    ),
    _file(
        "en_warehouse_sales.parquet",
        ImportKind.SALES_HISTORY,
        "TEA-250|SHOP|2011-10-10|3||",
        "COFFEE-1K|SHOP|2011-10-11|1240||",
    ),
)
# The files that are asked about, with the answer.
ANSWERED = (
    _file(
        "messy1_stock_count.xlsx",
        ImportKind.STOCK_LEVELS,
        "MILK|SHOP|1240",
        rejected={"total_row": 1, "unreadable_cell": 2, "required": 1},
        notation=GivenNotation(".", None),
    ),
    _file(
        "messy2_erp_stock_by_lot.csv",
        ImportKind.STOCK_LEVELS,
        "TEA|SHOP|10",
        "TEA|SHOP|30",
        "COFFEE|SHOP|12",
        rejected={"total_row": 1, "negative": 1},
        notation=GivenNotation(",", None),
    ),
    _file(
        "messy2_erp_stock_by_lot_commas.csv",
        ImportKind.STOCK_LEVELS,
        "TEA|SHOP|10",
        "TEA|SHOP|30",
        "COFFEE|SHOP|12",
        rejected={"total_row": 1, "negative": 1},
        notation=GivenNotation(".", None),
    ),
    _file(
        "messy4_till_export.csv",
        ImportKind.SALES_HISTORY,
        "tea|SHOP|2011-10-10 09:14:00|2|2.5|",
        "tea|SHOP|2011-10-10 16:40:00|3|2.5|",
        "TEA|SHOP|2011-10-11 10:05:00|-1|2.5|",
        rejected={"total_row": 1},
        blanks=SHOP,
        notation=GivenNotation(None, "DMY"),
    ),
    _file(
        "en_excel_stock_count.xlsx",
        ImportKind.STOCK_LEVELS,
        "TEA-250|SHOP|40",
        "COFFEE-1K|SHOP|1240",
        "MUG-W|SHOP|7",
        rejected={"total_row": 1},
        notation=GivenNotation(".", None),
    ),
    _file(
        "es_ventas_ambiguas.csv",
        ImportKind.SALES_HISTORY,
        "TE-250|TIENDA|2011-04-03|3||",
        "TE-250|TIENDA|2011-04-04|2||",
        "CAFE-1K|TIENDA|2011-04-05|1||",
        notation=GivenNotation(None, "DMY"),
    ),
    _file(
        "it_giacenze_ambigue.csv",
        ImportKind.STOCK_LEVELS,
        "TE-250|NEGOZIO|1240",
        "CAFFE-1K|NEGOZIO|2500",
        notation=GivenNotation(",", None),
    ),
)


def share_read(files: Sequence[MessyFile]) -> str:
    """How many of the files are read without a mapping being typed, and what the others are asked."""
    outcomes = {file.name: outcome(file) for file in files}
    read = sum(found.refused is None for found in outcomes.values())
    asked = [f"{name}: {found.refused}" for name, found in outcomes.items() if found.refused is not None]
    return "\n".join([f"{read} of {len(files)} files are read without a mapping", *asked])


if __name__ == "__main__":
    for files in (REPORTED, WRITTEN):
        print(share_read(files))
