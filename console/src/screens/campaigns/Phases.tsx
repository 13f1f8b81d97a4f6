import { useMemo } from "react";
import type { Performance, PhaseView } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { type Column, DataTable } from "../../ui/DataTable";
import { signed } from "./verdict";

interface Phase extends PhaseView {
  name: string;
}

/** Units and revenue before, during and after, against what was expected. */
export function Phases({ performance: { before, during, after } }: { performance: Performance }) {
  const formats = useFormats();
  const columns = useMemo<Column<Phase>[]>(() => {
    const { date, quantity, money, percent, count } = formats;
    const units = (number: number | null) => (number === null ? "–" : quantity(Math.round(number)));
    const amount = (number: number | null) => (number === null ? "–" : money(number));
    return [
      { id: "name", header: "Period", cell: ({ name }) => <strong>{name}</strong> },
      {
        id: "days",
        header: "Days so far",
        cell: ({ days, from_date, to_date }) =>
          days === 0 || !from_date || !to_date ? (
            <span className="soft">none yet</span>
          ) : (
            <span>
              {count(days)}{" "}
              <small className="soft">
                {date(from_date)} – {date(to_date)}
              </small>
            </span>
          ),
      },
      { id: "units", header: "Units sold", numeric: true, cell: (phase) => units(phase.units) },
      { id: "expected", header: "Expected units", numeric: true, cell: (phase) => units(phase.expected_units) },
      {
        id: "uplift",
        header: "Difference",
        numeric: true,
        cell: ({ uplift_units, uplift_share }) =>
          uplift_units === null ? (
            "–"
          ) : (
            <span>
              {signed(uplift_units, formats)}
              {uplift_share !== null && <small className="soft"> {percent(Math.abs(uplift_share))}</small>}
            </span>
          ),
      },
      {
        id: "interval",
        header: "Range",
        numeric: true,
        cell: ({ uplift_interval }) =>
          uplift_interval ? `${signed(uplift_interval.low, formats)} to ${signed(uplift_interval.high, formats)}` : "–",
      },
      { id: "revenue", header: "Revenue", numeric: true, cell: (phase) => amount(phase.revenue) },
      {
        id: "expected_revenue",
        header: "Expected revenue",
        numeric: true,
        cell: (phase) => amount(phase.expected_revenue),
      },
    ];
  }, [formats]);
  const rows: Phase[] = [
    { name: "Before", ...before },
    { name: "During", ...during },
    { name: "After", ...after },
  ];
  return <DataTable caption="Before, during and after" columns={columns} rows={rows} rowId={({ name }) => name} />;
}
