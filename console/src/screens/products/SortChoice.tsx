import type { ProductRow } from "stockcast-client";
import type { Column } from "../../ui/DataTable";
import { SelectField } from "../../ui/Field";
import { useSearch } from "../../url/location";

/** The order of the list, for a phone, where there are no headers to sort by. */
export function SortChoice({ columns }: { columns: readonly Column<ProductRow>[] }) {
  const [search, setSearch] = useSearch();
  const sort = search.get("sort") ?? "";
  const known = columns.flatMap(({ id, header, numeric }) => [
    { value: id, text: `${header}, ${numeric ? "smallest" : "A"} first` },
    { value: `-${id}`, text: `${header}, ${numeric ? "largest" : "Z"} first` },
  ]);
  return (
    <div className="phone-sort">
      <SelectField
        label="Sort by"
        value={sort}
        onChange={({ target }) => setSearch({ sort: target.value, page: null })}
      >
        <option value="">The usual order</option>
        {sort && !known.some(({ value }) => value === sort) && <option value={sort}>By several columns</option>}
        {known.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
