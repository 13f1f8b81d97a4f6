/** Calendar days, "2011-10-13": a day is the midnight of UTC, wherever the reader is. */

const DAY_S = 86_400;

export const secondsOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

export const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** So many days later, or before. */
export const daysAfter = (day: string, days: number): string => dayOf(secondsOf(day) + days * DAY_S);

/** By how many days the second is after the first. */
export const daysBetween = (first: string, last: string): number => (secondsOf(last) - secondsOf(first)) / DAY_S;
