import { describe, expect, it } from "vitest";
import { changeOf, findingName } from "./findings";

describe("a check", () => {
  it("has a name that people read", () => expect(findingName("no_recent_sales")).toBe("No recent sales"));
  it.each([
    [5, null, ""],
    [5, 5, "the same"],
    [7, 5, "2 more now"],
    [4, 5, "1 fewer now"],
  ])("that counts %s after %s says %s", (count, previous_count, text) =>
    expect(changeOf({ count, previous_count }, String)).toBe(text),
  );
});
