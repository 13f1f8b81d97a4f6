import "./home.css";
import { useQuery } from "@tanstack/react-query";
import type { Dashboard, DashboardMetrics, DashboardRow, PastMetrics } from "stockcast-client";
import { dashboard, trends } from "../../api/dashboard";
import { daysAfter } from "../../format/days";
import { useFormats, useToday } from "../../format/useFormats";
import { Page, Section } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { Link } from "../../url/Link";
import { href } from "../../url/location";
import { at } from "../../url/routes";
import { Trend } from "./Trend";

/** What runs out, what is overstocked and what it costs, against last week; every figure opens the list that it counts. */
export default function Home() {
  const { date } = useFormats();
  const today = useToday();
  const board = useQuery(dashboard());
  const history = useQuery(trends(daysAfter(today, -26 * 7)));
  return (
    <Page title="Home" note={board.data && `as of ${date(board.data.as_of)}`}>
      <QueryView query={board} height="30rem">
        {(data) => <Figures board={data} />}
      </QueryView>
      <Section title="Value by status" note="each week of the last half year">
        <QueryView query={history} height="290px">
          {(data) => <Trend weeks={data.items} />}
        </QueryView>
      </Section>
    </Page>
  );
}

function Figures({ board }: { board: Dashboard }) {
  const { count, moneyShort, days } = useFormats();
  const { metrics: now, week_before: before } = board;
  return (
    <>
      <div className="figures">
        <Figure
          name="Understocked"
          to={href("/products", { status: "understocked", sort: "-sales_at_risk" })}
          value={`${count(now.understocked_count)} products`}
          note={`worth ${moneyShort(now.understocked_value)}`}
          change={change("understocked_count", now, before)}
        />
        <Figure
          name="Sales at risk"
          to={href("/products", { min_sales_at_risk: 0.01, sort: "-sales_at_risk" })}
          value={moneyShort(now.sales_at_risk)}
          note={`${count(now.out_of_stock_count)} products are out of stock`}
          change={change("sales_at_risk", now, before)}
        />
        <Figure
          name="Overstocked"
          to={href("/products", { status: "overstocked", sort: "-excess_value" })}
          value={`${count(now.overstocked_count)} products`}
          note={`worth ${moneyShort(now.overstocked_value)}`}
          change={change("overstocked_value", now, before)}
        />
        <Figure
          name="Dead stock"
          to={href("/products", { status: "dead_stock", sort: "-inventory_value" })}
          value={`${count(now.dead_stock_count)} products`}
          note={`worth ${moneyShort(now.dead_stock_value)}`}
          change={change("dead_stock_value", now, before)}
        />
        <Figure
          name="Inventory value"
          to={href("/products", { sort: "-inventory_value" })}
          value={moneyShort(now.total_inventory_value)}
          note={`${count(now.total_skus)} products, for ${days(now.average_dir)}`}
          change={change("total_inventory_value", now, before)}
        />
      </div>
      <div className="grid">
        <Section title="Runs out first">
          <Worst rows={board.top_understocked} figure={(row) => `${moneyShort(row.sales_at_risk)} at risk`} />
        </Section>
        <Section title="Lasts longest">
          <Worst rows={board.top_overstocked} figure={(row) => `${moneyShort(row.excess_value)} too much`} />
        </Section>
      </div>
    </>
  );
}

interface FigureProps {
  name: string;
  value: string;
  note: string;
  to: string;
  change: string | null;
}

function Figure({ name, value, note, to, change }: FigureProps) {
  return (
    <Link className="figure" to={to}>
      <span className="figure-name">{name}</span>
      <span className="figure-value">{value}</span>
      <span className="figure-note">{note}</span>
      <span className="figure-note">{change ?? "\u00a0"}</span>
    </Link>
  );
}

type Counted = Exclude<keyof DashboardMetrics & keyof PastMetrics, "average_dir" | "median_dir">;

/** How a figure has changed within a week, in words. */
function change(name: Counted, now: DashboardMetrics, before: PastMetrics | null): string | null {
  const past = before?.[name] ?? null;
  if (past === null) return null;
  const difference = now[name] - past;
  if (difference === 0) return "as a week ago";
  const share = past ? `${Math.abs(Math.round((difference / past) * 100))}% ` : "";
  return `${share}${difference > 0 ? "more" : "less"} than a week ago`;
}

function Worst({ rows, figure }: { rows: DashboardRow[]; figure: (row: DashboardRow) => string }) {
  const { quantity, days } = useFormats();
  if (rows.length === 0) return <p className="soft">None.</p>;
  return (
    <ol className="worst">
      {rows.map((row) => (
        <li key={row.item_id}>
          <Link to={at("/products", row.item_id)}>{row.product_name}</Link>
          <span className="numeric">{figure(row)}</span>
          <small className="soft">
            {quantity(row.current_stock)} in stock, for {days(row.dir)}
          </small>
          <small className="soft numeric">{row.supplier_name ?? "no supplier"}</small>
        </li>
      ))}
    </ol>
  );
}
