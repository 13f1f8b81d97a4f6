/** These parameters of the address, as the API takes them: several values of one as a list. */
export function picked(search: URLSearchParams, names: readonly string[]): Record<string, string | string[]> {
  const given = names.filter((name) => search.has(name));
  return Object.fromEntries(
    given.map((name) => {
      const values = search.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? "")];
    }),
  );
}
