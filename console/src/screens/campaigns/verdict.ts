/** What the figures of a campaign say, in words: what sold beyond what was expected, and whether chance explains it. */
import type { NoResult, Performance, PhaseView } from "stockcast-client";
import type { Formats } from "../../format/format";
import type { Tone } from "../../ui/Status";

export interface Verdict {
  title: string;
  tone: Tone;
  text: string;
}

type Words = Pick<Formats, "quantity" | "percent" | "count">;

/** The days of the campaign so far against what would have sold without it. */
export function verdict({ status, during, products_measured }: Performance, words: Words): Verdict {
  if (during.days === 0) {
    const text = "It has not begun. Figures start with the first day that is over.";
    return { title: "Not begun yet", tone: "quiet", text };
  }
  if (products_measured === 0 || during.units === null || during.expected_units === null) {
    const text =
      "What would have sold without it is not known: none of its products had a forecast before it began, or sold in the 8 weeks before.";
    return { title: "Cannot be measured", tone: "quiet", text };
  }
  const uplift = during.uplift_units ?? during.units - during.expected_units;
  const sold = `${words.quantity(Math.round(during.units))} units sold in ${days(during, words)}${
    status === "running" ? " so far" : ""
  }; without it ${words.quantity(Math.round(during.expected_units))} were expected. ${difference(uplift, during, words)}`;
  const interval = during.uplift_interval;
  if (!interval) {
    const text = `${sold} How much of that is chance is not known: nothing sold in the 8 weeks before.`;
    return { title: uplift > 0 ? "Sold more" : "Sold no more", tone: "quiet", text };
  }
  const level = words.percent(interval.level);
  const [low, high] = [signed(interval.low, words), signed(interval.high, words)];
  const range = `Days vary without any campaign: allowing for that, the difference is between ${low} and ${high} units with ${level} certainty`;
  if (interval.low > 0) {
    return { title: "It sold more", tone: "good", text: `${sold} ${range}, so chance alone does not explain it.` };
  }
  if (interval.high < 0) {
    return { title: "It sold less", tone: "bad", text: `${sold} ${range}, so chance alone does not explain it.` };
  }
  const title = uplift > 0 ? "Perhaps it sold more" : "It shows no effect";
  return { title, tone: "warn", text: `${sold} ${range}, so it may be chance.` };
}

const days = ({ days }: PhaseView, { count }: Words): string => (days === 1 ? "1 day" : `${count(days)} days`);

function difference(uplift: number, { uplift_share }: PhaseView, { quantity, percent }: Words): string {
  const units = quantity(Math.abs(Math.round(uplift)));
  if (Math.round(uplift) === 0) return "That is as many.";
  const share = uplift_share === null ? "" : ` (${percent(Math.abs(uplift_share))})`;
  return `That is ${units}${share} ${uplift > 0 ? "more" : "fewer"}.`;
}

/** "+1,537" or "−237": whole units, with their sign. */
export function signed(units: number, { quantity }: Pick<Formats, "quantity">): string {
  const whole = Math.round(units);
  return whole > 0 ? `+${quantity(whole)}` : whole < 0 ? `−${quantity(-whole)}` : "0";
}

export const NO_RESULT: Record<NoResult, string> = {
  not_started: "It has not begun.",
  not_measured: "None of its products could be measured.",
  no_margin: "None of its products has both a price and a cost, so what a unit earns is not known.",
  no_budget: "It has no budget. Enter what it cost, and what is left over is shown.",
};

/** Where the expectation comes from. */
export function basis({ baseline }: Performance, { count }: Words, date: (day: string) => string): string {
  const weekdays = `the mean of the same weekdays in the 8 weeks before it`;
  const forecast = baseline.forecast_run_date
    ? `the last forecast made before it began (${date(baseline.forecast_run_date)})`
    : "the last forecast made before it began";
  if (baseline.method === "forecast") return `What was expected is ${forecast}.`;
  if (baseline.method === "same_weekdays") return `What was expected is ${weekdays}.`;
  if (baseline.method === "both") {
    return `What was expected is ${forecast} for ${count(baseline.products_by_forecast)} products, and ${weekdays} for ${count(
      baseline.products_by_same_weekdays,
    )}.`;
  }
  return "";
}
