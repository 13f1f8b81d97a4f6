import { describe, expect, it } from "vitest";
import { changesOf, numberOrNull, same, textOrNull } from "./changes";

describe("changes of a form", () => {
  it("are the fields that say something else", () =>
    expect(changesOf({ a: 1, b: ["x"], c: { d: 1 } }, { a: 1, b: ["x", "y"], c: { d: 1 } })).toEqual({
      b: ["x", "y"],
    }));
  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: undefined }, { b: undefined }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, {}, false],
    [0, null, false],
  ])("%j and %j are the same: %s", (one, other, expected) => expect(same(one, other)).toBe(expected));
});

describe("what is entered", () => {
  it("is null when it is blank", () => {
    expect(textOrNull("  ")).toBeNull();
    expect(textOrNull(" 4 Canal Row ")).toBe("4 Canal Row");
    expect(numberOrNull("")).toBeNull();
    expect(numberOrNull("0")).toBe(0);
  });
});
