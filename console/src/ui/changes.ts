/** The fields of which `now` says something else than `before`. */
export function changesOf<T extends object>(before: T, now: T): Partial<T> {
  const fields = Object.keys(now) as (keyof T)[];
  return Object.fromEntries(
    fields.filter((field) => !same(before[field], now[field])).map((field) => [field, now[field]]),
  ) as Partial<T>;
}

/** Whether two values of a form say the same, whatever the order of their keys. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every(
    (name) => name in other && same((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
  );
}

/** A text field as the API takes it: nothing entered is null. */
export const textOrNull = (text: string): string | null => text.trim() || null;

/** A number field as the API takes it: nothing entered is null. */
export const numberOrNull = (text: string): number | null => (text.trim() === "" ? null : Number(text));
