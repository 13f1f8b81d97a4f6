import type { ReactNode } from "react";
import type { SupplierPerformancePage, SupplierRow } from "stockcast-client";
import { useFormats } from "../../format/useFormats";

interface Props {
  row: SupplierRow | undefined;
  stated: number | null;
  page: SupplierPerformancePage;
}

/** How it kept what it promised, of the order lines that were due. */
export function SupplierFigures({ row, stated, page }: Props) {
  const { percent, decimal, count, quantity, money, date } = useFormats();
  if (!row || (row.lines_due === 0 && row.spend === null)) {
    return (
      <p className="soft">
        No order line was due from {date(page.from_date)} to {date(page.to_date)}.
      </p>
    );
  }
  const { lead_time_days_mean: mean, lead_time_days_deviation: spread } = row;
  return (
    <>
      <div className="figures">
        <Figure name="On time in full" value={row.otif === null ? "–" : percent(row.otif)}>
          {count(row.lines_on_time_in_full)} of {count(row.lines_due)} lines by the promised day
        </Figure>
        <Figure name="Lead time" value={mean === null ? "–" : `${decimal(mean)} days`}>
          {spread !== null && `± ${decimal(spread)} · `}
          {stated === null ? "none is stated" : `stated ${count(stated)}${mean === null ? "" : verdict(mean, stated)}`}
        </Figure>
        <Figure name="Units received" value={row.fill_rate === null ? "–" : percent(row.fill_rate)}>
          {quantity(row.units_received)} of {quantity(row.units_due)} due
        </Figure>
        <Figure name="Spend" value={row.spend === null ? "–" : money(row.spend)}>
          goods received, at order prices
        </Figure>
      </div>
      <p className="soft supplier-note">
        Of order lines due from {date(page.from_date)} to {date(page.to_date)}. Lead time is from the confirmation of an
        order to the receipt that completed the line, ± its standard deviation.
      </p>
    </>
  );
}

/** Planning goes by the stated lead time: whether that is true. */
function verdict(mean: number, stated: number): string {
  const late = Math.round(mean) - stated;
  if (late > 0) return `, takes ${late} longer`;
  return late < 0 ? `, takes ${-late} less` : ", as it takes";
}

const Figure = ({ name, value, children }: { name: string; value: string; children: ReactNode }) => (
  <div className="figure">
    <span className="figure-name">{name}</span>
    <span className="figure-value">{value}</span>
    <span className="figure-note">{children}</span>
  </div>
);
