"""How systems and people call the columns of a file, in English, German, French, Spanish, Italian and Dutch.

A name is compared without case, accents, punctuation, what stands in brackets, and a tax that it is without: `SKU-Nr.`
is `sku nr`, `Preis (EUR)` is `preis`, `Prijs excl. btw` is `prijs`. A field is read from the one column that has one of
its names; `WEAK` names are those that mean something else in other files, and count where no column has a better one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from shared.domain.folding import folded

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WITHOUT_TAX = re.compile(
    r"\b(?:excl|exkl|exclusief|ex|ohne|zzgl|hors|sin|senza|without)\b\.?\s*(?:btw|mwst|ust|vat|tax|taxes?|tva|iva)\b"
)

NAMES: Mapping[str, tuple[str, ...]] = {
    "item_id": (
        *(
            "lineitem sku",
            "item id",
            "item no",
            "item number",
            "item code",
            "item nr",
            "sku",
            "sku no",
            "sku nr",
            "sku code",
        ),
        *("sku number", "article no", "article number", "article code", "article id", "product id", "product code"),
        *("product no", "product number", "product sku", "part no", "part number", "material number", "stock code"),
        *("plu", "artikelnummer", "artikel nr", "artikelnr", "artikel no", "art nr", "artikel id", "artikelcode"),
        *("produktnummer", "produkt nr", "produktcode", "produkt id", "materialnummer", "material nr", "sachnummer"),
        *("teilenummer", "code article", "code produit", "reference article", "ref article", "n article", "no article"),
        *(
            "numero article",
            "reference produit",
            "ref produit",
            "codigo articulo",
            "codigo de articulo",
            "cod articulo",
        ),
        *("codigo producto", "codigo de producto", "cod producto", "id producto", "referencia articulo"),
        *("codice articolo", "cod articolo", "codice prodotto", "cod prodotto", "id prodotto", "productcode"),
        *("productnummer", "product nr", "product id", "artikelnummer"),
    ),
    "sku": ("variant sku", "sku code", "sku no", "sku nr", "sku number"),
    "product_name": (
        *("product name", "item name", "article name", "product title", "product description", "item description"),
        *("bezeichnung", "artikelbezeichnung", "artikelname", "produktname", "produktbezeichnung", "artikeltext"),
        *("materialkurztext", "designation", "libelle", "libelle article", "nom produit", "nom du produit"),
        *("nom article", "nombre producto", "nombre del producto", "nombre articulo", "denominacion"),
        *("nome prodotto", "nome articolo", "descrizione articolo", "denominazione", "productnaam", "artikelnaam"),
        *("artikelomschrijving", "productomschrijving"),
    ),
    "category": (
        *("category", "product category", "product group", "item group", "product family", "department"),
        *("kategorie", "warengruppe", "artikelgruppe", "produktgruppe", "produktkategorie", "sortiment", "wgr"),
        *("categorie", "famille", "famille produit", "rayon", "categoria", "familia", "familia producto"),
        *("famiglia", "gruppo merceologico", "reparto", "artikelgroep", "productgroep", "productcategorie"),
    ),
    "unit_cost": (
        *("cost", "cost price", "unit cost", "purchase price", "buying price", "cost per unit", "einkaufspreis"),
        *("cost per item", "default cost", "average cost", "standard cost"),
        *("ek", "ek preis", "einstandspreis", "selbstkosten", "selbstkostenpreis", "stuckkosten", "kosten", "cout"),
        *("cout unitaire", "prix d'achat", "prix achat", "pa ht", "prix de revient", "coste", "coste unitario"),
        *("costo", "costo unitario", "precio de compra", "precio compra", "precio de coste", "precio coste"),
        *("prezzo di acquisto", "prezzo d'acquisto", "prezzo acquisto", "inkoopprijs", "kostprijs"),
    ),
    "unit_price": (
        *(
            "variant price",
            "price",
            "sale price",
            "sales price",
            "selling price",
            "retail price",
            "list price",
            "rrp",
            "preis",
        ),
        *("verkaufspreis", "vk", "vk preis", "listenpreis", "uvp", "einzelpreis", "stuckpreis", "prix"),
        *("prix unitaire", "prix de vente", "prix vente", "precio", "precio unitario", "precio de venta"),
        *("precio venta", "pvp", "prezzo", "prezzo unitario", "prezzo di vendita", "prezzo vendita", "prijs"),
        *("stukprijs", "eenheidsprijs", "verkoopprijs"),
    ),
    "strategic": ("is strategic", "strategisch", "strategique", "estrategico", "strategico"),
    "location_id": (
        *("location", "location code", "location no", "store", "store id", "store code", "store no", "store number"),
        *("shop", "shop id", "shop no", "warehouse", "warehouse id", "warehouse code", "site", "branch", "branch id"),
        *("outlet", "plant", "lager", "lager nr", "lagerort", "lagernummer", "filiale", "filial nr", "filialnummer"),
        *("standort", "laden", "geschaft", "niederlassung", "werk", "magasin", "code magasin", "depot", "entrepot"),
        *("point de vente", "tienda", "codigo tienda", "almacen", "sucursal", "punto de venta", "negozio"),
        *("codice negozio", "magazzino", "punto vendita", "deposito", "sede", "winkel", "winkelcode", "magazijn"),
        *("filiaal", "vestiging", "locatie"),
    ),
    "current_stock": (
        *(
            "frei verwendbar",
            "unrestricted",
            "variant inventory qty",
            "current stock",
            "stock",
            "stock on hand",
            "on hand",
            "qty on hand",
            "quantity on hand",
            "soh",
        ),
        *("stock level", "stock qty", "stock quantity", "units in stock", "inventory", "quantity"),
        *("qty", "units", "bestand", "lagerbestand", "ist bestand", "istbestand", "bestandsmenge", "menge", "anzahl"),
        *("stuckzahl", "stock actuel", "quantite en stock", "qte en stock", "qte stock", "quantite", "qte"),
        *("stock actual", "existencias", "inventario", "cantidad", "unidades", "giacenza", "giacenze", "esistenza"),
        *("scorta", "scorte", "quantita", "qta", "voorraad", "actuele voorraad", "aantal", "hoeveelheid", "stuks"),
    ),
    "committed": (
        *("committed stock", "reserved", "reserved stock", "allocated", "quantity", "qty", "reserviert", "menge"),
        *("open qty", "open quantity", "offene menge", "reste a livrer", "pendiente de servir", "da consegnare"),
        *(
            "nog te leveren",
            "kundenauftrage",
            "offene auftrage",
            "reserve",
            "commandes clients",
            "quantite",
            "qte",
            "reservado",
        ),
        *("comprometido", "pedidos de clientes", "cantidad", "impegnato", "riservato", "quantita", "qta"),
        *("gereserveerd", "toegewezen", "aantal"),
    ),
    "date_local": (
        *("date", "day", "sale date", "sales date", "order date", "invoice date", "receipt date", "transaction date"),
        *("datum", "tag", "verkaufsdatum", "rechnungsdatum", "belegdatum", "buchungsdatum", "bestelldatum"),
        *("date de vente", "date vente", "date facture", "date de facture", "jour", "fecha", "fecha venta"),
        *("fecha de venta", "fecha factura", "fecha de factura", "dia", "data", "data vendita", "data di vendita"),
        *("data fattura", "giorno", "verkoopdatum", "factuurdatum", "dag"),
    ),
    "time": (
        *("time of day", "sale time", "receipt time", "uhrzeit", "zeit", "heure", "hora", "ora", "orario", "tijd"),
        "tijdstip",
    ),
    "units_sold": (
        *(
            "lineitem quantity",
            "units sold",
            "quantity",
            "qty",
            "units",
            "quantity sold",
            "qty sold",
            "sold",
            "sold units",
            "sales qty",
        ),
        *("sales quantity", "menge", "anzahl", "stuck", "stuckzahl", "verkauft", "verkaufte menge", "absatz"),
        *("absatzmenge", "quantite", "qte", "quantite vendue", "qte vendue", "cantidad", "cant", "unidades"),
        *("unidades vendidas", "cantidad vendida", "quantita", "qta", "quantita venduta", "pezzi", "venduto"),
        *("aantal", "aantal verkocht", "verkocht", "hoeveelheid", "stuks"),
    ),
    "price": (
        *(
            "lineitem price",
            "unit price",
            "sale price",
            "sales price",
            "selling price",
            "preis",
            "einzelpreis",
            "stuckpreis",
        ),
        *("verkaufspreis", "vk", "vk preis", "prix", "prix unitaire", "prix de vente", "pu", "pu ht", "precio"),
        *("precio unitario", "precio de venta", "prezzo", "prezzo unitario", "prezzo di vendita", "prijs"),
        *("stukprijs", "eenheidsprijs", "verkoopprijs"),
    ),
    "revenue": (
        *(
            "montant",
            "montant ht",
            "betrag",
            "nettobetrag",
            "importe",
            "importo",
            "imponibile",
            "bedrag",
            "turnover",
            "net sales",
            "sales value",
            "sales amount",
            "line total",
            "umsatz",
            "erlos",
            "erlose",
        ),
        *("nettoumsatz", "chiffre d'affaires", "ca", "ca ht", "ingresos", "facturacion", "ricavo", "ricavi"),
        *("fatturato", "omzet"),
    ),
    "promotion_flag": (
        *("promotion", "promo", "on promotion", "promoted", "aktion", "angebot", "promocion", "promozione", "actie"),
        *("in promotie", "en promotion"),
    ),
    "holiday_flag": (
        *("holiday", "public holiday", "bank holiday", "feiertag", "jour ferie", "ferie", "festivo", "festivita"),
        "feestdag",
    ),
    "marketing_spend": (
        *(
            "marketing",
            "marketing cost",
            "ad spend",
            "advertising",
            "werbekosten",
            "werbeausgaben",
            "depenses marketing",
        ),
        *("gasto marketing", "gasto en marketing", "spesa marketing", "spese marketing", "marketingkosten"),
    ),
    "stock_on_date": (
        *("stock", "closing stock", "stock at close", "bestand", "endbestand", "stock final", "existencias"),
        *("giacenza", "voorraad"),
    ),
    "invoice_no": (
        *("n piece", "no piece", "numero piece", "numero de piece", "n document", "n documento", "numero documento"),
        *("numero de documento", "albaran", "ticketnummer", "n commande", "numero commande", "order nr"),
        *("invoice", "invoice number", "invoice id", "receipt", "receipt no", "receipt number", "receipt id"),
        *("order no", "order number", "order id", "transaction no", "transaction id", "document no", "bill no"),
        *("ticket", "ticket no", "beleg", "belegnummer", "beleg nr", "rechnung", "rechnungsnummer", "rechnungs nr"),
        *("rechnung nr", "bon", "bonnummer", "bon nr", "kassenbon", "auftragsnummer", "facture", "numero facture"),
        *("numero de facture", "n facture", "no facture", "numero ticket", "n ticket", "factura", "numero factura"),
        *("numero de factura", "n factura", "no factura", "fattura", "numero fattura", "n fattura", "scontrino"),
        *("numero scontrino", "n scontrino", "factuur", "factuurnummer", "factuurnr", "kassabon"),
    ),
    "customer_id": (
        *("customer", "customer no", "customer number", "customer code", "client id", "kunde", "kundennummer"),
        *("kunden nr", "kd nr", "client", "code client", "numero client", "n client", "cliente", "codigo cliente"),
        *("id cliente", "codice cliente", "klant", "klantnummer", "klantnr"),
    ),
    "description": ("product name", "item description", "bezeichnung", "designation", "libelle", "descripcion"),
    "supplier_id": (
        *("supplier", "supplier code", "vendor", "vendor id", "vendor code", "lieferant", "lieferanten id"),
        *("lieferantencode", "fournisseur", "code fournisseur", "proveedor", "codigo proveedor", "id proveedor"),
        *("fornitore", "codice fornitore", "id fornitore", "leverancier", "leverancierscode"),
    ),
    "external_id": (
        *(
            "konto",
            "kontonummer",
            "personenkonto",
            "supplier no",
            "supplier number",
            "vendor no",
            "vendor number",
            "creditor no",
            "creditor number",
        ),
        *("lieferantennummer", "lieferanten nr", "lief nr", "kreditor", "kreditorennummer", "kreditoren nr"),
        *("numero fournisseur", "n fournisseur", "no fournisseur", "numero proveedor", "n proveedor"),
        *("numero de proveedor", "numero fornitore", "n fornitore", "leveranciersnummer", "leveranciersnr"),
        *("crediteurnummer", "crediteur nr"),
    ),
    "name": (
        *(
            "denominazione",
            "nominativo",
            "supplier name",
            "vendor name",
            "company",
            "company name",
            "location name",
            "store name",
            "shop name",
        ),
        *("lieferantenname", "firma", "firmenname", "filialname", "lagername", "nom", "nom fournisseur"),
        *("raison sociale", "nom magasin", "nom du magasin", "nombre", "nombre proveedor", "razon social"),
        *("nombre tienda", "nome", "nome fornitore", "ragione sociale", "nome negozio", "naam"),
        *("naam leverancier", "leveranciersnaam", "bedrijfsnaam", "winkelnaam"),
    ),
    "supplier_name": (
        *("name", "vendor name", "lieferantenname", "name lieferant", "nom fournisseur", "nombre proveedor"),
        *("nombre del proveedor", "nome fornitore", "naam leverancier", "leveranciersnaam"),
    ),
    "type": ("location type", "lagertyp", "art", "typ", "tipo"),
    "contact_name": (
        *("contact", "contact person", "ansprechpartner", "kontakt", "kontaktperson", "personne de contact"),
        *("contacto", "persona de contacto", "contatto", "referente", "contactpersoon"),
    ),
    "contact_email": (
        *("email", "e mail", "mail", "email address", "e mail adresse", "adresse email", "adresse e mail", "courriel"),
        *("correo", "correo electronico", "indirizzo email", "emailadres", "e mailadres"),
    ),
    "contact_phone": (
        *("phone", "phone number", "telephone", "tel", "telefon", "telefonnummer", "tel nr", "numero de telephone"),
        *("telefono", "numero di telefono", "telefoon", "telefoonnummer"),
    ),
    "address": (
        *("street", "street address", "adresse", "anschrift", "strasse", "rue", "direccion", "calle", "indirizzo"),
        *("via", "adres", "straat"),
    ),
    "city": ("town", "ort", "stadt", "ville", "ciudad", "poblacion", "citta", "stad", "plaats"),
    "country": ("land", "pays", "pais", "paese", "nazione", "country code"),
    "is_default": ("default", "standard", "par defaut", "predeterminado", "predefinito", "standaard"),
    "supplier_type": (
        "type",
        "lieferantentyp",
        "type fournisseur",
        "tipo proveedor",
        "tipo fornitore",
        "leverancierstype",
    ),
    "payment_terms": (
        *("terms", "terms of payment", "zahlungsbedingungen", "zahlungsziel", "conditions de paiement"),
        *("condiciones de pago", "forma de pago", "condizioni di pagamento", "betalingsvoorwaarden", "betaaltermijn"),
    ),
    "minimum_order_value": (
        *("minimum order amount", "min order value", "mindestbestellwert", "mindestauftragswert", "franco"),
        *("montant minimum de commande", "minimum de commande", "importe minimo de pedido", "pedido minimo"),
        *("importo minimo ordine", "ordine minimo", "minimale bestelwaarde", "minimum bestelbedrag"),
    ),
    "supplier_cost": (
        *("cost", "price", "unit cost", "cost price", "purchase price", "buying price", "net price", "unit price"),
        *("einkaufspreis", "ek", "ek preis", "einstandspreis", "preis", "nettopreis", "prix d'achat", "prix achat"),
        *("prix", "prix unitaire", "pa ht", "precio de compra", "precio compra", "precio", "coste", "costo"),
        *("prezzo di acquisto", "prezzo d'acquisto", "prezzo acquisto", "prezzo", "inkoopprijs", "prijs"),
    ),
    "lead_time_days": (
        *("lead time", "lead time in days", "leadtime", "delivery time", "delivery days", "lieferzeit"),
        *("lieferzeit tage", "lieferzeit in tagen", "wiederbeschaffungszeit", "wbz", "delai", "delai de livraison"),
        *("delai livraison", "delai jours", "plazo", "plazo de entrega", "plazo entrega", "dias de entrega"),
        *("tempo di consegna", "tempi di consegna", "giorni consegna", "giorni di consegna", "levertijd"),
        *("levertijd dagen", "levertijd in dagen"),
    ),
    "moq": (
        *("minimum order quantity", "min order quantity", "min order qty", "minimum order", "min qty", "min order"),
        *("minimum quantity", "mindestmenge", "mindestbestellmenge", "min menge", "quantite minimum"),
        *("quantite minimale", "qte mini", "qte min", "quantite minimum de commande", "cantidad minima"),
        *("cantidad minima de pedido", "quantita minima", "quantita minima ordine", "lotto minimo"),
        *("minimale bestelhoeveelheid", "minimum bestelaantal", "minimale afname"),
    ),
    "packaging_qty": (
        *("pack size", "pack qty", "pack quantity", "case size", "case qty", "units per pack", "units per case"),
        *("carton qty", "units per carton", "ve", "vpe", "verpackungseinheit", "verpakkingseenheid"),
        *("verpackungsmenge", "packungsgrosse", "stuck pro karton"),
        *("colisage", "pcb", "quantite par carton", "unidades por caja", "uds caja", "unita per confezione"),
        *("pezzi per cartone", "pezzi per confezione", "aantal per doos", "stuks per doos", "aantal per verpakking"),
    ),
    "packaging_unit": (
        *("pack", "pack type", "packaging", "verpackung", "verpackungsart", "emballage", "embalaje", "imballo"),
        "verpakking",
    ),
    "is_primary": (
        *("primary", "primary supplier", "main supplier", "preferred", "preferred supplier", "hauptlieferant"),
        *("fournisseur principal", "proveedor principal", "fornitore principale", "hoofdleverancier"),
        "voorkeursleverancier",
    ),
    "supplier_sku": (
        *("supplier item", "supplier item no", "supplier item number", "supplier part number", "supplier code item"),
        *("vendor sku", "vendor item", "vendor part number", "lieferantenartikelnummer", "lieferanten artikelnummer"),
        *("lief art nr", "bestellnummer", "reference fournisseur", "ref fournisseur", "referencia proveedor"),
        *("ref proveedor", "codice articolo fornitore", "riferimento fornitore", "artikelnummer leverancier"),
    ),
    "notes": (
        *("note", "comment", "comments", "remark", "remarks", "bemerkung", "bemerkungen", "notiz", "notizen"),
        *("kommentar", "anmerkung", "remarque", "remarques", "commentaire", "commentaires", "notas", "nota"),
        *("comentario", "comentarios", "observaciones", "commento", "osservazioni", "opmerking", "opmerkingen"),
        "notitie",
    ),
    "min_stock": (
        *("minimum stock", "safety stock", "mindestbestand", "sicherheitsbestand", "meldebestand", "stock minimum"),
        *("stock de securite", "stock minimo", "existencias minimas", "scorta minima", "scorta di sicurezza"),
        *("minimumvoorraad", "minimale voorraad", "veiligheidsvoorraad"),
    ),
    "max_stock": (
        *("maximum stock", "maximalbestand", "hochstbestand", "stock maximum", "stock maximo", "scorta massima"),
        *("maximumvoorraad", "maximale voorraad"),
    ),
    "do_not_order": (
        *("blocked", "order stop", "gesperrt", "bestellstopp", "ne pas commander", "no pedir", "bloqueado"),
        *("non ordinare", "bloccato", "niet bestellen", "geblokkeerd"),
    ),
    "do_not_order_until": (
        *("blocked until", "gesperrt bis", "ne pas commander jusqu'au", "bloqueado hasta", "bloccato fino al"),
        "geblokkeerd tot",
    ),
    "reason": ("grund", "raison", "motif", "motivo", "reden"),
    "service_level": (
        *("servicegrad", "lieferbereitschaft", "taux de service", "nivel de servicio", "livello di servizio"),
        "servicegraad",
    ),
}

WEAK: Mapping[str, tuple[str, ...]] = {
    "date_local": (
        "created at",
        "created on",
        "erstellt am",
        "cree le",
        "fecha de creacion",
        "creato il",
        "aangemaakt op",
    ),
    "item_id": (
        *("item", "article", "product", "part", "material", "code", "id", "artikel", "produkt", "reference", "ref"),
        *("produit", "articulo", "producto", "referencia", "codigo", "articolo", "prodotto", "riferimento", "codice"),
        *("cod", "nummer", "nr"),
    ),
    "product_name": (
        *("name", "title", "description", "item", "article", "product", "artikel", "produkt", "beschreibung", "nom"),
        *("produit", "nombre", "descripcion", "articulo", "producto", "nome", "descrizione", "articolo", "prodotto"),
        *("naam", "omschrijving", "text", "titel"),
    ),
    "category": ("group", "family", "gruppe", "groupe", "grupo", "gruppo", "groep", "type", "assortiment"),
    "invoice_no": ("transaction", "order", "bestellung", "auftrag", "commande", "pedido", "ordine", "bestelling"),
    "name": ("supplier", "vendor", "lieferant", "fournisseur", "proveedor", "fornitore", "leverancier", "bezeichnung"),
    "units_sold": ("sales units", "stk", "pcs", "pieces"),
    "current_stock": (
        *("available", "available stock", "verfugbar", "verfugbarer bestand", "disponible", "stock disponible"),
        *(
            "disponibile",
            "disponibilita",
            "beschikbaar",
            "beschikbare voorraad",
            "stk",
            "pcs",
            "pieces",
            "level",
            "balance",
            "count",
            "counted",
        ),
        "gezahlt",
    ),
    "price": ("vk brutto", "vk netto"),
}

# Numbers that others have given to a product: what it is known by where its own number has no column.
OTHER_NUMBERS = (
    *("ean", "ean code", "ean nr", "ean13", "gtin", "upc", "barcode", "bar code", "strichcode", "code barres"),
    *("code barre", "codigo de barras", "codice a barre", "streepjescode", "custom sku", "manufact sku"),
    *("manufacturer sku", "system id"),
)
# What a column of numbers is called as well as one of names: with other numbers beside it nobody can tell.
NUMBER_OR_NAME = (
    *("item", "article", "product", "artikel", "produkt", "produit", "articulo", "producto", "articolo", "prodotto"),
)
# Names of the column that tells the records of a kind apart, whatever they are of.
GENERIC = ("code", "id", "cod", "codigo", "codice", "nummer", "nr", "no", "number", "numero")


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """What names that people take for the same have in common."""
    outside = _WITHOUT_TAX.sub(" ", folded(_BRACKETS.sub(" ", name)))
    return "".join(letter for letter in outside if letter.isalnum()) or "".join(
        letter for letter in folded(name) if letter.isalnum()
    )


def _keys(names: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    return {field: frozenset(map(name_key, known)) for field, known in names.items()}


_KEYS, _WEAK_KEYS = _keys(NAMES), _keys(WEAK)
_GENERIC_KEYS = frozenset(map(name_key, GENERIC))
_KEY_FIELDS = ("item_id", "location_id", "supplier_id")
OTHER_NUMBER_KEYS = frozenset(map(name_key, OTHER_NUMBERS))
NUMBER_OR_NAME_KEYS = frozenset(map(name_key, NUMBER_OR_NAME))
NAME_OR_ID_KEYS = _WEAK_KEYS["name"] & _KEYS["supplier_id"]


def name_ranks(field: str, fields: Sequence[str]) -> tuple[frozenset[str], ...]:
    """The keys of a field's names, the best first: its own, those that mean it, and those that may mean it; without
    what another field of the kind is called."""
    others = {name_key(other) for other in fields if other != field}
    weak = _WEAK_KEYS.get(field, frozenset())
    if field == next((key for key in _KEY_FIELDS if key in fields), None):
        weak |= _GENERIC_KEYS
    if field == "item_id" and "sku" in fields:
        others |= _KEYS["sku"]
    ranks = ({name_key(field)}, _KEYS.get(field, frozenset()), weak)
    return tuple(frozenset(rank - others) for rank in ranks)


def known_keys(field: str) -> frozenset[str]:
    """The keys of all names that the field has in any kind of import."""
    return frozenset({name_key(field)}) | _KEYS.get(field, frozenset()) | _WEAK_KEYS.get(field, frozenset())
