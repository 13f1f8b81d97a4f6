import { describe, expect, it } from "vitest";
import { daysAfter, daysBetween } from "./days";
import { formats } from "./format";

const british = formats("en-GB", "GBP", "Europe/London");
const german = formats("de-DE", "EUR", "Europe/Berlin");

describe("figures", () => {
  it.each([
    [british.money(38453.03), "£38,453.03"],
    [german.money(38453.03), "38.453,03\u00a0€"],
    [british.moneyShort(38453.03), "£38,453"],
    [british.moneyShort(1_240_000), "£1.2m"],
    [british.unitCost(0.125), "£0.125"],
    [british.quantity(20.5), "20.5"],
    [british.percent(0.853), "85%"],
    [british.percent(0.004), "0.4%"],
    [british.percent(0), "0%"],
    [british.days(null), "no sales"],
    [british.days(57.1), "57 d"],
    [british.days(999), "999+ d"],
    [british.change(110, 100), "+10%"],
    [british.change(0, 0), "no change"],
    [british.change(5, 0), "new"],
    [formats("en-GB", null, "UTC").money(5), "5.00"],
  ])("%s", (shown, expected) => expect(shown).toBe(expected));

  it("days are calendar days wherever the reader is", () => expect(british.date("2011-10-13")).toBe("13 Oct 2011"));
  it("moments are in the client's time zone", () =>
    expect(german.dateTime("2011-10-13T22:30:00Z")).toBe("14.10.2011, 00:30"));
});

describe("days", () => {
  it("are counted over the end of a month", () => expect(daysAfter("2011-10-13", 28)).toBe("2011-11-10"));
  it("between two days are those from the first to the second", () =>
    expect(daysBetween("2011-10-13", "2011-11-10")).toBe(28));
});
