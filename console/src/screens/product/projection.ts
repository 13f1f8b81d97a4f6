/** The stock that is to be expected: what there is, what arrives, and what is expected to sell, day by day. */
import type { OrderOfProduct } from "stockcast-client";
import { daysAfter } from "../../format/days";

/** What is expected to sell on a day. */
export interface Demand {
  day: string;
  mean: number;
}

export interface Arrival {
  /** The day on which it counts: that of today where it is late. */
  day: string;
  quantity: number;
  poNumber: string;
  late: boolean;
}

export interface Projection {
  /** Stock at the opening of each day of the demand; at the first, that of today. */
  stock: number[];
  arrivals: Arrival[];
  /** Units on order of which no day is known, or whose order is not among those given: not counted. */
  undated: number;
  /** The first day whose expected sales the stock does not cover. */
  runsOut: string | null;
  /** Units that are expected not to be sold for want of stock. */
  short: number;
}

export const isOpen = (order: OrderOfProduct): boolean => order.outstanding > 0;

/** The arrivals of open orders; a late one may come any day, as for the stockout risk, and counts from today. */
export function arrivalsOf(orders: readonly OrderOfProduct[], today: string): Arrival[] {
  return orders
    .filter(isOpen)
    .flatMap(({ expected_delivery_date: expected, outstanding, po_number }) =>
      expected
        ? [
            {
              day: expected < today ? today : expected,
              quantity: outstanding,
              poNumber: po_number,
              late: expected < today,
            },
          ]
        : [],
    )
    .sort((a, b) => a.day.localeCompare(b.day));
}

/** What arrives on a day can be sold on it; what nothing was left for is lost, not sold later. */
export function projected(
  demand: readonly Demand[],
  stock: number,
  onOrder: number,
  orders: readonly OrderOfProduct[],
  today: string,
): Projection {
  const arrivals = arrivalsOf(orders, today);
  const line: number[] = [];
  let [left, short, runsOut] = [stock, 0, null as string | null];
  for (const { day, mean } of demand) {
    line.push(left);
    const there = left + sum(arrivals.filter((arrival) => arrival.day === day).map(({ quantity }) => quantity));
    const sold = Math.max(0, Math.min(mean, there));
    if (mean - sold > NOTHING) {
      runsOut ??= day;
      short += mean - sold;
    }
    left = there - sold;
  }
  const counted = sum(arrivals.map(({ quantity }) => quantity));
  return { stock: line, arrivals, undated: Math.max(0, onOrder - counted), runsOut, short };
}

/** Less than this is rounding. */
const NOTHING = 1e-9;
/** How far one looks ahead where there is no forecast. */
const HORIZON = 90;

/** The forecast from today on; without one, what sold lately, every day. */
export function demandFrom(
  days: readonly { date_local: string; mean: number }[],
  today: string,
  expectedDaily: number,
): Demand[] {
  const ahead = days.filter(({ date_local }) => date_local >= today);
  if (ahead.length > 0) return ahead.map(({ date_local, mean }) => ({ day: date_local, mean }));
  return Array.from({ length: HORIZON }, (_, number) => ({ day: daysAfter(today, number), mean: expectedDaily }));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
