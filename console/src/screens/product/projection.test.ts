import type { OrderOfProduct } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { arrivalsOf, demandFrom, projected } from "./projection";

const TODAY = "2011-10-13";
const order = (fields: Partial<OrderOfProduct>): OrderOfProduct => ({
  id: "1",
  po_number: "PO-1",
  supplier_id: "S",
  status: "confirmed",
  location_id: null,
  order_date: "2011-10-01",
  expected_delivery_date: "2011-10-15",
  quantity: 10,
  received: 0,
  outstanding: 10,
  unit_cost: 1,
  ...fields,
});
const demand = (...means: number[]) => means.map((mean, index) => ({ day: `2011-10-${13 + index}`, mean }));

describe("projected stock", () => {
  it("falls by what is expected to sell and rises by what arrives", () => {
    const found = projected(demand(4, 4, 4, 4), 9, 10, [order({})], TODAY);
    expect(found).toMatchObject({ stock: [9, 5, 1, 7], runsOut: null, short: 0, undated: 0 });
  });

  it("is never below nothing: what cannot be sold is lost", () =>
    expect(projected(demand(4, 4, 4), 6, 0, [], TODAY)).toMatchObject({
      stock: [6, 2, 0],
      runsOut: "2011-10-14",
      short: 6,
    }));

  it("counts a late order from today, and says so", () => {
    const late = order({ expected_delivery_date: "2011-10-01" });
    expect(arrivalsOf([late], TODAY)).toEqual([{ day: TODAY, quantity: 10, poNumber: "PO-1", late: true }]);
    expect(projected(demand(4, 4), 0, 10, [late], TODAY)).toMatchObject({ stock: [0, 6], runsOut: null });
  });

  it("leaves out what has no day, what has come and what is beyond the orders known", () => {
    const orders = [
      order({ expected_delivery_date: null, outstanding: 3 }),
      order({ outstanding: 0, status: "received" }),
    ];
    expect(projected(demand(0), 5, 8, orders, TODAY)).toMatchObject({ stock: [5], arrivals: [], undated: 8 });
  });

  it("of stock that is owed waits for what arrives", () =>
    expect(projected(demand(2, 2, 2, 2), -3, 10, [order({})], TODAY).stock).toEqual([-3, -3, -3, 5]));
});

describe("expected demand", () => {
  it("is the forecast from today on", () =>
    expect(
      demandFrom(
        [
          { date_local: "2011-10-12", mean: 9 },
          { date_local: TODAY, mean: 3 },
        ],
        TODAY,
        1,
      ),
    ).toEqual([{ day: TODAY, mean: 3 }]));
  it("is what sold lately where there is no forecast", () => {
    const days = demandFrom([], TODAY, 1.5);
    expect([days.length, days[0], days.at(-1)]).toEqual([
      90,
      { day: TODAY, mean: 1.5 },
      { day: "2012-01-10", mean: 1.5 },
    ]);
  });
});
