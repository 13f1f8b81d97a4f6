import { describe, expect, it } from "vitest";
import { secondsOf } from "../../format/days";
import { everyDay, seriesOf, topOf } from "./chartSeries";

const quantiles = { q05: 1, q10: 1, q20: 2, q30: 2, q40: 3, q50: 3, q60: 3, q70: 4, q80: 4, q90: 5, q95: 6 };
const forecast = [{ date_local: "2011-10-13", mean: 3, quantiles }];

describe("the chart of a product", () => {
  it("has sales up to yesterday, forecast and stock from today on", () =>
    expect(
      seriesOf(
        [
          { day: "2011-10-12", units: 5 },
          { day: "2011-10-13", units: 1 },
        ],
        forecast,
        [
          { day: "2011-10-13", mean: 3 },
          { day: "2011-10-14", mean: 2 },
        ],
        {
          stock: [10, 17],
          arrivals: [
            { day: "2011-10-13", quantity: 4, poNumber: "1", late: false },
            { day: "2011-10-13", quantity: 6, poNumber: "2", late: true },
          ],
          undated: 0,
          runsOut: null,
          short: 0,
        },
      ),
    ).toEqual([
      ["2011-10-12", "2011-10-13", "2011-10-14"].map(secondsOf),
      [5, null, null],
      [null, 6, null],
      [null, 1, null],
      [null, 4, null],
      [null, 2, null],
      [null, 3, 2],
      [null, 10, 17],
      [null, 20, null],
    ]));

  it("knows days without a record as days without a sale", () =>
    expect(everyDay([{ day: "2011-10-12", units: 5 }], ["2011-10-11", "2011-10-12"])).toEqual([
      { day: "2011-10-11", units: 0 },
      { day: "2011-10-12", units: 5 },
    ]));

  it("is not flattened by one day far above all others, which is named", () => {
    const sales = Array.from({ length: 100 }, (_, day) => ({ day: String(day), units: day === 7 ? 2000 : 10 }));
    expect(topOf(sales, forecast)).toEqual({ top: 11.5, above: [{ day: "7", units: 2000 }] });
    expect(topOf(sales.slice(8, 20), forecast).above).toEqual([]);
  });
});
