/** Numbers and dates as the client's people write them. Pure: the locale, currency and time zone are given. */

export interface Formats {
  locale: string;
  currency: string | null;
  /** An amount of money, to the penny. */
  money(amount: number): string;
  /** Money in figures that are read at a glance: 38,453 or 1.2M. */
  moneyShort(amount: number): string;
  /** What a unit costs: up to four places. */
  unitCost(amount: number): string;
  /** Units: up to three places. */
  quantity(units: number): string;
  count(number: number): string;
  /** A mean: one place. */
  decimal(number: number): string;
  /** A share of 0 to 1. */
  percent(share: number): string;
  /** Days of inventory: null is stock that nobody buys. */
  days(days: number | null): string;
  /** A calendar day, "2011-10-13". */
  date(day: string): string;
  /** A moment, in the client's time zone. */
  dateTime(moment: string): string;
  /** The change from one figure to another, with its sign. */
  change(now: number, before: number): string;
}

const NONE = "–";
/** Rules: 999 days of inventory are 999 or more. */
const MOST_DAYS = 999;

export function formats(locale: string, currency: string | null, timeZone: string): Formats {
  const money = currency ? { style: "currency" as const, currency } : {};
  const full = new Intl.NumberFormat(locale, { ...money, minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const whole = new Intl.NumberFormat(locale, { ...money, maximumFractionDigits: 0 });
  const compact = new Intl.NumberFormat(locale, { ...money, notation: "compact", maximumFractionDigits: 1 });
  const cost = new Intl.NumberFormat(locale, { ...money, minimumFractionDigits: 2, maximumFractionDigits: 4 });
  const units = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
  const counts = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const means = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const shares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const wholeShares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const signed = new Intl.NumberFormat(locale, {
    style: "percent",
    maximumFractionDigits: 0,
    signDisplay: "exceptZero",
  });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone });
  return {
    locale,
    currency,
    money: (amount) => full.format(amount),
    moneyShort: (amount) => (Math.abs(amount) < 1e6 ? whole : compact).format(amount),
    unitCost: (amount) => cost.format(amount),
    quantity: (number) => units.format(number),
    count: (number) => counts.format(number),
    decimal: (number) => means.format(number),
    percent: (share) => (share > 0 && share < 0.1 ? shares : wholeShares).format(share),
    days: (number) =>
      number === null ? "no sales" : number >= MOST_DAYS ? `${MOST_DAYS}+ d` : `${counts.format(number)} d`,
    date: (text) => (text ? day.format(new Date(`${text}T00:00:00Z`)) : NONE),
    dateTime: (text) => moment.format(new Date(text)),
    change: (now, before) =>
      before === 0 ? (now === 0 ? "no change" : "new") : signed.format((now - before) / before),
  };
}
