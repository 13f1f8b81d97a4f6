import { describe, expect, it } from "vitest";
import { changed, href } from "./location";
import { picked } from "./picked";
import { at, match } from "./routes";

describe("paths", () => {
  it.each([
    ["/products/:item_id", "/products/A%2F1", { item_id: "A/1" }],
    ["/products/:item_id", "/products/", null],
    ["/products/:item_id", "/products", null],
    ["/products/:item_id", "/products/%E0%A4%A", null],
    ["/", "/", {}],
    ["/cart", "/cart/", {}],
    ["/cart", "/orders", null],
  ])("%s reads %s", (pattern, path, params) => expect(match(pattern, path)).toEqual(params));

  it("of a thing keep the slashes of its id apart", () => expect(at("/products", "A/1")).toBe("/products/A%2F1"));
});

describe("the query", () => {
  it("loses what is set to nothing, and keeps the rest", () =>
    expect(changed(new URLSearchParams("a=1&b=2&c=3"), { a: null, b: "", d: ["x", "y"] }).toString()).toBe(
      "c=3&d=x&d=y",
    ));
  it("is left out where it is empty", () => expect(href("/products", { status: undefined })).toBe("/products"));
  it("gives what is asked for by name, several values as a list", () =>
    expect(picked(new URLSearchParams("a=1&b=2&b=3&tab=x"), ["a", "b", "c"])).toEqual({ a: "1", b: ["2", "3"] }));
});
