/** Paths with parameters: "/products/:item_id". */

/** The parameters of a path that fits the pattern, decoded; null for one that does not. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/(.)\/$/, "$1").split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) {
      if (!value) return null;
      try {
        params[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return params;
}

/** The address of one thing: ids may hold slashes. */
export const at = (collection: string, id: string): string => `${collection}/${encodeURIComponent(id)}`;
