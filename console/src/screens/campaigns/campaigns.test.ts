import type { CampaignView, Performance, PhaseView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { formats } from "../../format/format";
import { campaignBody, campaignForm, daysOf } from "./campaignForm";
import { alike, bodyOf, linesOf, without, withProduct, withTerms } from "./productLines";
import { signed, verdict } from "./verdict";

const words = formats("en-GB", "GBP", "Europe/London");

describe("the form of a campaign", () => {
  const autumn = {
    name: "Autumn",
    start_date: "2011-09-26",
    end_date: "2011-10-23",
    budget: 1200,
    status: "running",
    status_basis: "dates",
  } as CampaignView;
  it("leaves the status to the dates, unless somebody gave one", () => {
    expect(campaignBody(campaignForm(autumn))).toMatchObject({ status: null, budget: 1200, campaign_type: null });
    expect(campaignForm({ ...autumn, status_basis: "given" }).status).toBe("running");
  });
  it("does not send products, which stay as they are", () =>
    expect(campaignBody(campaignForm(autumn))).not.toHaveProperty("products"));
  it("counts both its days", () => {
    expect(daysOf("2011-09-26", "2011-10-23")).toBe(28);
    expect(daysOf("2011-09-26", "2011-09-25")).toBeNull();
    expect(daysOf("", "2011-09-25")).toBeNull();
  });
});

describe("choosing products", () => {
  const lines = linesOf([
    { item_id: "A", discount: 20, target_audience: "gift shops" },
    { item_id: "B", discount: null, target_audience: null },
  ]);
  it("gives a new one the terms of the first, once", () => {
    const more = withProduct(lines, "C");
    expect(more[0]).toEqual({ item_id: "C", discount: "20", target_audience: "gift shops" });
    expect(withProduct(more, "C")).toEqual(more);
  });
  it("sends what was not entered as null", () =>
    expect(bodyOf(lines)[1]).toEqual({ item_id: "B", discount: null, target_audience: null }));
  it("changes, removes and evens out lines", () => {
    expect(bodyOf(withTerms(lines, "B", { discount: "12.5" }))[1]?.discount).toBe(12.5);
    expect(without(lines, "A").map(({ item_id }) => item_id)).toEqual(["B"]);
    expect(bodyOf(alike(lines))[1]).toEqual({ item_id: "B", discount: 20, target_audience: "gift shops" });
  });
});

describe("what a campaign brought", () => {
  const phase = (more: Partial<PhaseView>): Performance =>
    ({
      status: "running",
      products_measured: 25,
      during: { days: 17, units: 6930, expected_units: 5393, uplift_units: 1537, uplift_share: 0.285, ...more },
    }) as Performance;
  const title = (low: number, high: number) =>
    verdict(phase({ uplift_interval: { level: 0.8, low, high } }), words).title;

  it("is certain where chance does not reach", () => {
    expect(title(10, 300)).toBe("It sold more");
    expect(title(-300, -10)).toBe("It sold less");
    expect(title(-10, 300)).toBe("Perhaps it sold more");
  });
  it("is said with its figures", () =>
    expect(verdict(phase({ uplift_interval: { level: 0.8, low: -237.5, high: 3311.3 } }), words).text).toBe(
      "6,930 units sold in 17 days so far; without it 5,393 were expected. That is 1,537 (29%) more. " +
        "Days vary without any campaign: allowing for that, the difference is between −237 and +3,311 units with 80% certainty, so it may be chance.",
    ));
  it("is not known before it begins, or without an expectation", () => {
    expect(verdict(phase({ days: 0 }), words).title).toBe("Not begun yet");
    expect(verdict({ ...phase({}), products_measured: 0 }, words).title).toBe("Cannot be measured");
  });
  it("has whole units with their sign", () =>
    expect([1.6, -2.4, 0.2].map((n) => signed(n, words))).toEqual(["+2", "−2", "0"]));
});
