import type { ReactNode } from "react";
import type { AccuracyPage, AccuracyRow, NoForecastValue } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { SelectField } from "../../ui/Field";
import { useSearch } from "../../url/location";
import { figuresOf, fitOf, perHundred, type Span } from "./figures";

const FILL_RATES = [0.8, 0.9, 0.95, 0.98];
const SPAN_NAMES: Record<Span, string> = { "1": "a day", "7": "a week", "28": "four weeks" };

/** The forecasts as a whole: what they were off by, whether too high, whether their ranges hold, and what that is worth. */
export function Headline({ row, page }: { row: AccuracyRow; page: AccuracyPage }) {
  const { percent } = useFormats();
  const span: Span = figuresOf(row, "28") ? "28" : figuresOf(row, "7") ? "7" : "1";
  const figures = figuresOf(row, span);
  if (!figures) return null;
  const { wape, perSold, coverage } = figures;
  const days = SPAN_NAMES[span];
  const held = coverage[90];
  return (
    <div className="figures quality">
      <Figure name={`Off by, of ${days}`} value={wape === null ? "–" : percent(wape)}>
        {wape === null
          ? "Nothing was sold."
          : `For 100 units sold in ${days}, the forecasts of single products were off by ${perHundred(wape)}, too high and too low ones together.`}
      </Figure>
      <Figure name="Too much or too little" value={perSold === null ? "–" : lean(perSold)}>
        {perSold === null
          ? "Nothing was sold."
          : `Over all products together, ${perHundred(perSold)} units were forecast for 100 that were sold.`}
      </Figure>
      <Figure name="Ranges that held" value={held === null ? "–" : percent(held)}>
        {held === null
          ? "Not known yet."
          : `Demand of ${days} should stay below the ${percent(0.9)} level in 90 of 100 cases; it did in ${perHundred(held)}. ${FITS[fitOf(held, 0.9)]}`}
      </Figure>
      <Worth page={page} />
    </div>
  );
}

const FITS = {
  fits: "So safety stocks are about right.",
  "too narrow": "So stock runs out more often than planned.",
  wide: "So safety stocks are larger than they need be.",
};

function lean(perSold: number): string {
  const off = perHundred(perSold) - 100;
  if (off === 0) return "Neither";
  return off > 0 ? `${off}% too much` : `${-off}% too little`;
}

function Worth({ page }: { page: AccuracyPage }) {
  const { money, moneyShort, percent } = useFormats();
  const [search, setSearch] = useSearch();
  const value = page.fva_money;
  return (
    <Figure
      name="Worth in stock"
      value={
        value ? `${moneyShort(Math.abs(value.amount))} ${value.amount < 0 ? "more" : "less"} stock` : "Not known yet"
      }
    >
      {value
        ? `To serve ${percent(value.fill_rate)} of the demand of ${value.window_days} days takes stock for ${money(value.stock_value)} by these forecasts, and for ${money(value.naive_stock_value)} if every day is taken to sell what the same weekday did the week before.`
        : page.no_fva_money && WHY_NOT[page.no_fva_money]}
      <SelectField
        label="Demand to serve"
        value={search.get("fill_rate") ?? "0.9"}
        onChange={({ target }) => setSearch({ fill_rate: target.value === "0.9" ? null : target.value })}
      >
        {FILL_RATES.map((rate) => (
          <option key={rate} value={rate}>
            {percent(rate)}
          </option>
        ))}
      </SelectField>
    </Figure>
  );
}

const WHY_NOT: Record<NoForecastValue, string> = {
  no_window: "No 28 days that were forecast are over yet.",
  no_cost: "No product that was forecast has a cost.",
  no_naive_forecast: "The week before the forecasts is not known in full.",
  nothing_sold: "Nothing was sold in the days that were forecast.",
  out_of_reach: "No stock would have served so much of the demand.",
};

function Figure({ name, value, children }: { name: string; value: string; children: ReactNode }) {
  return (
    <div className="figure">
      <span className="figure-name">{name}</span>
      <span className="figure-value">{value}</span>
      <div className="figure-note">{children}</div>
    </div>
  );
}
