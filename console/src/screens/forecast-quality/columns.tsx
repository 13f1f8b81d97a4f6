import type { Formats } from "../../format/format";
import type { Column } from "../../ui/DataTable";
import { Link } from "../../url/Link";
import { href } from "../../url/location";
import { at } from "../../url/routes";
import { fitOf, perHundred, type QualityRow, type Span, unitsOff } from "./figures";

const LEVELS = [80, 90, 95] as const;
const PATTERNS: Record<string, string> = {
  smooth: "Smooth: nearly every day, about as much",
  erratic: "Erratic: nearly every day, much or little",
  intermittent: "Intermittent: now and then, about as much",
  lumpy: "Lumpy: now and then, much or little",
};

/** The columns of a group's figures; those of products name them and link to them. */
export function columnsOf(
  formats: Formats,
  group: string,
  span: Span,
  names: ReadonlyMap<string, string>,
): Column<QualityRow>[] {
  const { quantity, count, percent } = formats;
  const ofProducts = group === "item";
  return [
    { id: "group", header: HEADERS[group] ?? "Group", cell: (row) => <Group group={group} row={row} names={names} /> },
    { id: "units", header: "Sold", numeric: true, cell: ({ units }) => (units === null ? "–" : quantity(units)) },
    ofProducts
      ? {
          id: "forecast",
          header: "Forecast",
          numeric: true,
          cell: ({ units, perSold }) => (units === null || perSold === null ? "–" : count(units * perSold)),
        }
      : {
          id: "perSold",
          header: "Forecast for 100 sold",
          numeric: true,
          cell: ({ perSold }) => (perSold === null ? "–" : count(perHundred(perSold))),
        },
    { id: "wape", header: "Off by", numeric: true, cell: ({ wape }) => (wape === null ? "–" : percent(wape)) },
    ...(ofProducts
      ? [
          {
            id: "off",
            header: "Units off",
            numeric: true,
            cell: (row: QualityRow) => {
              const off = unitsOff(row);
              return off === null ? "–" : count(off);
            },
          },
        ]
      : []),
    ...(span === "1"
      ? [
          {
            id: "fva",
            header: "Better than naive",
            numeric: true,
            cell: ({ fva }: QualityRow) => (fva === null ? "–" : `${fva > 0 ? "+" : ""}${count(fva * 100)}`),
          },
        ]
      : []),
    // Of a single product there are too few windows for a share.
    ...(ofProducts ? [] : LEVELS).map((level) => ({
      id: `q${level}`,
      header: `Below ${level}`,
      numeric: true,
      cell: ({ coverage }: QualityRow) => {
        const share = coverage[level];
        if (share === null) return "–";
        const narrow = fitOf(share, level / 100) === "too narrow";
        return narrow ? <strong className="narrow">{percent(share)} ▼</strong> : percent(share);
      },
    })),
  ];
}

const HEADERS: Record<string, string> = {
  recency: "Had last sold",
  demand_pattern: "Pattern",
  category: "Category",
  lag: "Days ahead",
  item: "Product",
};

interface GroupProps {
  group: string;
  row: QualityRow;
  names: ReadonlyMap<string, string>;
}

function Group({ group, row, names }: GroupProps) {
  const value = row.group;
  if (value === null) return <span>{group === "recency" ? "Never" : "Not known"}</span>;
  if (group === "item") {
    return (
      <span>
        <Link to={at("/products", value)}>{names.get(value) ?? value}</Link>{" "}
        {names.has(value) && <small className="soft">{value}</small>}
      </span>
    );
  }
  if (group === "category") return <Link to={href("/products", { category: value })}>{value}</Link>;
  if (group === "demand_pattern") {
    return <Link to={href("/products", { demand_pattern: value })}>{PATTERNS[value] ?? value}</Link>;
  }
  return <span>{group === "recency" ? `${value} before` : value}</span>;
}
