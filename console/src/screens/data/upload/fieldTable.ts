import type { Field } from "./fields";

/** By kind of records and, of sales, by how they come: required or not, what people call it and what it means. */
export const FIELDS: Record<string, Record<string, Field[]>> = {
  "sales-history": {
    none: [
      {
        name: "item_id",
        label: "Product",
        required: true,
        meaning: "Your number of the product.",
      },
      {
        name: "location_id",
        label: "Location",
        required: true,
        meaning: "The warehouse or shop.",
      },
      {
        name: "date_local",
        label: "Day",
        required: true,
        meaning: "The day, or day and time, in your own time zone.",
      },
      {
        name: "units_sold",
        label: "Units sold",
        required: true,
        meaning: "Units sold; of invoice lines negative on a return.",
      },
      {
        name: "price",
        label: "Price",
        required: false,
        meaning: "What a unit was sold for.",
      },
      {
        name: "revenue",
        label: "Revenue",
        required: false,
        meaning: "What all of its units were sold for.",
      },
      {
        name: "promotion_flag",
        label: "Promotion",
        required: false,
        meaning: "Whether it was on promotion.",
      },
      {
        name: "holiday_flag",
        label: "Holiday",
        required: false,
        meaning: "Whether it was a holiday.",
      },
      {
        name: "marketing_spend",
        label: "Marketing spend",
        required: false,
        meaning: "Spent on marketing it that day.",
      },
      {
        name: "stock_on_date",
        label: "Stock that day",
        required: false,
        meaning: "Units in stock at the close of the day.",
      },
    ],
    invoice_lines: [
      {
        name: "invoice_no",
        label: "Invoice or receipt",
        required: true,
        meaning: "The invoice or receipt that the line is of.",
      },
      {
        name: "item_id",
        label: "Product",
        required: true,
        meaning: "Your number of the product.",
      },
      {
        name: "location_id",
        label: "Location",
        required: true,
        meaning: "The warehouse or shop.",
      },
      {
        name: "date_local",
        label: "Day",
        required: true,
        meaning: "The day, or day and time, in your own time zone.",
      },
      {
        name: "time",
        label: "Time of day",
        required: false,
        meaning: "The time of day, where the date has none.",
      },
      {
        name: "units_sold",
        label: "Units sold",
        required: true,
        meaning: "Units sold; of invoice lines negative on a return.",
      },
      {
        name: "price",
        label: "Price",
        required: false,
        meaning: "What a unit was sold for.",
      },
      {
        name: "revenue",
        label: "Revenue",
        required: false,
        meaning: "What all of its units were sold for.",
      },
      {
        name: "customer_id",
        label: "Customer",
        required: false,
        meaning: "Who bought it.",
      },
      {
        name: "description",
        label: "Text of the line",
        required: false,
        meaning: "What the line says, for exclusions.",
      },
    ],
  },
  products: {
    none: [
      {
        name: "item_id",
        label: "Product",
        required: true,
        meaning: "Your number of the product.",
      },
      {
        name: "sku",
        label: "Second number",
        required: false,
        meaning: "A second number, such as the barcode.",
      },
      {
        name: "product_name",
        label: "Name",
        required: false,
        meaning: "Its name.",
      },
      {
        name: "category",
        label: "Category",
        required: false,
        meaning: "What it is sorted under.",
      },
      {
        name: "unit_cost",
        label: "Unit cost",
        required: false,
        meaning: "What a unit costs you.",
      },
      {
        name: "unit_price",
        label: "Unit price",
        required: false,
        meaning: "What a unit is sold for.",
      },
      {
        name: "strategic",
        label: "Strategic",
        required: false,
        meaning: "Whether it is kept in stock even if it does not sell.",
      },
      {
        name: "service_level",
        label: "Service level",
        required: false,
        meaning: "The share of order cycles without a shortage, from 0 to 1.",
      },
      {
        name: "min_stock",
        label: "Least stock",
        required: false,
        meaning: "Units that are always to be there.",
      },
      {
        name: "max_stock",
        label: "Most stock",
        required: false,
        meaning: "Units that are never to be exceeded.",
      },
      {
        name: "do_not_order",
        label: "Do not order",
        required: false,
        meaning: "Whether it is never to be ordered.",
      },
      {
        name: "do_not_order_until",
        label: "Do not order until",
        required: false,
        meaning: "Until when it is not to be ordered.",
      },
      {
        name: "reason",
        label: "Reason",
        required: false,
        meaning: "Why it is planned so.",
      },
    ],
  },
  "stock-levels": {
    none: [
      {
        name: "item_id",
        label: "Product",
        required: true,
        meaning: "Your number of the product.",
      },
      {
        name: "location_id",
        label: "Location",
        required: true,
        meaning: "The warehouse or shop.",
      },
      {
        name: "current_stock",
        label: "In stock",
        required: true,
        meaning: "Units in stock now.",
      },
    ],
  },
  committed: {
    none: [
      {
        name: "item_id",
        label: "Product",
        required: true,
        meaning: "Your number of the product.",
      },
      {
        name: "location_id",
        label: "Location",
        required: true,
        meaning: "The warehouse or shop.",
      },
      {
        name: "committed",
        label: "Committed",
        required: true,
        meaning: "Units promised to customers and not shipped.",
      },
    ],
  },
  locations: {
    none: [
      {
        name: "location_id",
        label: "Location",
        required: true,
        meaning: "Its id: what stock and sales call it.",
      },
      {
        name: "name",
        label: "Name",
        required: false,
        meaning: "Its name.",
      },
      {
        name: "type",
        label: "Type",
        required: false,
        meaning: "warehouse or store.",
      },
      {
        name: "address",
        label: "Address",
        required: false,
        meaning: "Street and number.",
      },
      {
        name: "city",
        label: "City",
        required: false,
        meaning: "The town.",
      },
      {
        name: "country",
        label: "Country",
        required: false,
        meaning: "The country.",
      },
    ],
  },
  suppliers: {
    none: [
      {
        name: "supplier_id",
        label: "Supplier id",
        required: false,
        meaning: "The supplier's id here.",
      },
      {
        name: "external_id",
        label: "Supplier number",
        required: false,
        meaning: "The supplier's number in your own system.",
      },
      {
        name: "name",
        label: "Name",
        required: true,
        meaning: "Its name.",
      },
      {
        name: "contact_name",
        label: "Contact",
        required: false,
        meaning: "Whom to ask.",
      },
      {
        name: "contact_email",
        label: "Email",
        required: false,
        meaning: "Where orders are sent.",
      },
      {
        name: "contact_phone",
        label: "Telephone",
        required: false,
        meaning: "The telephone.",
      },
      {
        name: "supplier_type",
        label: "Type",
        required: false,
        meaning: "What kind of supplier it is.",
      },
      {
        name: "payment_terms",
        label: "Payment terms",
        required: false,
        meaning: "When it is paid.",
      },
      {
        name: "address",
        label: "Address",
        required: false,
        meaning: "Street and number.",
      },
      {
        name: "lead_time_days",
        label: "Lead time",
        required: false,
        meaning: "Days from order to receipt.",
      },
      {
        name: "minimum_order_value",
        label: "Minimum order",
        required: false,
        meaning: "The least that it takes an order for.",
      },
      {
        name: "notes",
        label: "Notes",
        required: false,
        meaning: "Anything else.",
      },
    ],
  },
  "product-suppliers": {
    none: [
      {
        name: "item_id",
        label: "Product",
        required: true,
        meaning: "Your number of the product.",
      },
      {
        name: "supplier_id",
        label: "Supplier id",
        required: false,
        meaning: "The supplier's id here.",
      },
      {
        name: "external_id",
        label: "Supplier number",
        required: false,
        meaning: "The supplier's number in your own system.",
      },
      {
        name: "supplier_cost",
        label: "Cost",
        required: false,
        meaning: "What a unit costs from this supplier.",
      },
      {
        name: "lead_time_days",
        label: "Lead time",
        required: false,
        meaning: "Days from order to receipt.",
      },
      {
        name: "moq",
        label: "Minimum quantity",
        required: false,
        meaning: "The least units that it sells.",
      },
      {
        name: "packaging_qty",
        label: "Package size",
        required: false,
        meaning: "Units in a package.",
      },
      {
        name: "is_primary",
        label: "Bought there first",
        required: false,
        meaning: "Whether the product is bought there first.",
      },
      {
        name: "supplier_sku",
        label: "Supplier's product number",
        required: false,
        meaning: "The supplier's number of the product.",
      },
      {
        name: "packaging_unit",
        label: "Package",
        required: false,
        meaning: "What a package is called.",
      },
      {
        name: "notes",
        label: "Notes",
        required: false,
        meaning: "Anything else.",
      },
      {
        name: "supplier_name",
        label: "Supplier name",
        required: false,
        meaning: "The supplier's name, where it has no id in the file.",
      },
    ],
  },
};
