import { useQuery } from "@tanstack/react-query";
import type { Performance } from "stockcast-client";
import { campaignPerformance } from "../../api/campaigns";
import { useFormats } from "../../format/useFormats";
import { Section } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { Badge } from "../../ui/Status";
import { IntervalBar } from "./IntervalBar";
import { Phases } from "./Phases";
import { basis, NO_RESULT, verdict } from "./verdict";

/** What a campaign brought: in words, in money, and by period. */
export function PerformanceView({ campaignId }: { campaignId: string }) {
  const { date } = useFormats();
  const query = useQuery(campaignPerformance(campaignId));
  return (
    <Section title="What it brought" note={query.data && `as of ${date(query.data.as_of)}`}>
      <QueryView query={query} height="26rem">
        {(data) => <Brought performance={data} />}
      </QueryView>
    </Section>
  );
}

function Brought({ performance }: { performance: Performance }) {
  const formats = useFormats();
  const { count, date } = formats;
  const { title, tone, text } = verdict(performance, formats);
  const { products_measured: measured, product_count: products, during } = performance;
  return (
    <>
      <div className="verdict">
        <p className="verdict-title">
          <Badge tone={tone}>{title}</Badge>
        </p>
        <p>{text}</p>
        {during.uplift_interval && during.uplift_units !== null && (
          <IntervalBar value={during.uplift_units} interval={during.uplift_interval} />
        )}
      </div>
      <Money performance={performance} />
      <Phases performance={performance} />
      <p className="soft small">
        {measured === products
          ? `All ${count(products)} products are measured.`
          : `${count(measured)} of ${count(products)} products are measured, and all figures are about them alone: of the others nothing was expected, so their sales prove nothing.`}{" "}
        {basis(performance, formats, date)}
        {during.uplift_interval &&
          " The range says how much days vary by themselves; it cannot know whether the expectation itself is right. For a campaign of a day or two it is a rough guide."}
      </p>
    </>
  );
}

function Money({ performance: { money, status, during } }: { performance: Performance }) {
  const { money: amount, count } = useFormats();
  const { uplift_margin: margin, budget, result } = money;
  const left: string[] = [];
  if (money.products_without_cost > 0) left.push(`${count(money.products_without_cost)} without a cost`);
  if (money.products_without_price > 0) left.push(`${count(money.products_without_price)} without a price`);
  return (
    <div className="figures">
      <div className="figure">
        <span className="figure-name">What the difference earned</span>
        <span className="figure-value">{margin === null ? "–" : amount(margin)}</span>
        <span className="figure-note">
          {margin === null ? "units times price less cost" : "units more or fewer, times price less cost"}
          {left.length > 0 && `; not counted: ${left.join(", ")}`}
        </span>
      </div>
      <div className="figure">
        <span className="figure-name">Budget</span>
        <span className="figure-value">{budget === null ? "–" : amount(budget)}</span>
        <span className="figure-note">
          {budget === null ? "none is entered" : status === "running" ? "all of it, though it still runs" : "all of it"}
        </span>
      </div>
      <div className="figure">
        <span className="figure-name">{result !== null && result < 0 ? "Not earned back" : "Left over"}</span>
        <span className="figure-value">{result === null ? "–" : amount(Math.abs(result))}</span>
        <span className="figure-note">
          {money.no_result
            ? NO_RESULT[money.no_result]
            : during.uplift_interval && during.uplift_interval.low <= 0 && during.uplift_interval.high >= 0
              ? "as uncertain as the units that it is made of"
              : "earned less budget"}
        </span>
      </div>
    </div>
  );
}
