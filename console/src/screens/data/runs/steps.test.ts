import type { OperationView, RunStepView } from "stockcast-client";
import { describe, expect, it } from "vitest";
import { duration, seconds, stepsDone, withOperations } from "./steps";

const step = (status: RunStepView["status"], operation_id: string | null): RunStepView => ({
  name: "products",
  status,
  operation_id,
  attempts: 1,
  detail: null,
  source_id: "erp",
});

describe("durations", () => {
  it.each([
    [null, "–"],
    [0.4, "0 s"],
    [59.6, "1 min"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
  ])("of %s seconds are %s", (length, text) => expect(duration(length)).toBe(text));
  it("of what goes on are those so far", () => {
    const now = Date.parse("2026-01-01T00:01:00Z");
    expect(seconds("2026-01-01T00:00:00Z", null, now)).toBe(60);
    expect(seconds("2026-01-01T00:00:00Z", "2026-01-01T00:00:02Z", now)).toBe(2);
    expect(seconds(null, null, now)).toBeNull();
  });
});

describe("steps of a run", () => {
  it("are counted as done when they have succeeded", () =>
    expect(stepsDone([step("succeeded", "a"), step("failed", "b"), step("cancelled", null)])).toBe("1 of 3"));
  it("have the operation of their last attempt, where it is among the newest", () => {
    const known = { id: "b" } as OperationView;
    const found = withOperations([step("succeeded", "a"), step("failed", "b"), step("pending", null)], [known]);
    expect(found.map(({ operation }) => operation)).toEqual([undefined, known, undefined]);
  });
});
