import { describe, expect, it } from "vitest";
import { planningOf, takenBack } from "./notNow";

describe("not now", () => {
  it("is a block with an end, or without one", () => {
    expect(planningOf({ kind: "snooze", until: "2011-11-10", reason: " too early " })).toEqual({
      do_not_order: true,
      do_not_order_until: "2011-11-10",
      reason: "too early",
    });
    expect(planningOf({ kind: "never", until: "2011-11-10", reason: "" })).toEqual({
      do_not_order: true,
      do_not_order_until: null,
    });
  });

  it("is taken back with the reason that was there before", () =>
    expect(takenBack({ reason: "keep some", min_stock: 5 } as never)).toEqual({
      do_not_order: false,
      do_not_order_until: null,
      reason: "keep some",
    }));
});
