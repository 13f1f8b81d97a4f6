import { describe, expect, it } from "vitest";
import { renamed, saved, viewOf, without } from "./views";

const two = [
  { name: "Bags", query: "category=Bags" },
  { name: "Urgent", query: "status=understocked" },
];

describe("a saved view", () => {
  it("keeps filters, order and columns, not the page nor the client", () => {
    const search = new URLSearchParams("sort=dir&page=3&client_id=demo&category=Bags");
    expect(viewOf(search, ["dir", "status"])).toBe("category=Bags&columns=dir%2Cstatus&sort=dir");
    expect(viewOf(search, null)).toBe("category=Bags&sort=dir");
  });
  it("takes the place of one of its name", () =>
    expect(saved(two, { name: "Bags", query: "x=1" })).toEqual([{ name: "Bags", query: "x=1" }, two[1]]));
  it("can be renamed, over another too, and deleted", () => {
    expect(renamed(two, "Bags", "A")).toEqual([{ name: "A", query: "category=Bags" }, two[1]]);
    expect(renamed(two, "Bags", "Urgent")).toEqual([{ name: "Urgent", query: "category=Bags" }]);
    expect(renamed(two, "Bags", "Bags")).toEqual(two);
    expect(without(two, "Bags")).toEqual([two[1]]);
  });
});
