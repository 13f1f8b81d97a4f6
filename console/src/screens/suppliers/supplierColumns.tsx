import type { Formats } from "../../format/format";
import type { Column } from "../../ui/DataTable";
import { Badge } from "../../ui/Status";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";
import { leadTimeMeasured, shareTone } from "./figures";
import type { Measured } from "./measured";

/** Figures of orders can be sorted by while all suppliers are on one page: the API sorts by what is stored. */
export function columnsOf(formats: Formats, sortable: boolean, pending: boolean): Column<Measured>[] {
  const { money, moneyShort, percent, count } = formats;
  const none = pending ? "…" : "–";
  return [
    {
      id: "name",
      header: "Supplier",
      sortable: true,
      cell: (row) => (
        <span className="named">
          <Link to={at("/suppliers", row.supplier_id)}>{row.name}</Link>
          <small className="soft">{row.supplier_id}</small>
        </span>
      ),
    },
    { id: "supplier_type", header: "Type", sortable: true, wide: true, cell: (row) => row.supplier_type ?? "–" },
    {
      id: "lead_time_days",
      header: "Lead time stated",
      numeric: true,
      sortable: true,
      cell: (row) => (row.lead_time_days === null ? "–" : `${count(row.lead_time_days)} d`),
    },
    {
      id: "lead_time_days_mean",
      header: "Measured",
      numeric: true,
      sortable,
      largestFirst: true,
      cell: (row) => (row.measured && leadTimeMeasured(row.measured, formats)) ?? none,
    },
    {
      id: "otif",
      header: "On time in full",
      numeric: true,
      sortable,
      cell: (row) => {
        const share = row.measured?.otif ?? null;
        return share === null ? none : <Badge tone={shareTone(share)}>{percent(share)}</Badge>;
      },
    },
    {
      id: "fill_rate",
      header: "Units received",
      numeric: true,
      sortable,
      cell: (row) => (row.measured?.fill_rate == null ? none : percent(row.measured.fill_rate)),
    },
    {
      id: "spend",
      header: "Spend",
      numeric: true,
      sortable,
      largestFirst: true,
      cell: (row) => (row.measured?.spend == null ? none : moneyShort(row.measured.spend)),
    },
    {
      id: "minimum_order_value",
      header: "Minimum order",
      wide: true,
      numeric: true,
      sortable: true,
      largestFirst: true,
      cell: (row) => (row.minimum_order_value === null ? "none" : money(row.minimum_order_value)),
    },
  ];
}
