import { Button } from "../../ui/Button";
import { type Changes, useSearch } from "../../url/location";
import { type Chip, RESET } from "./filters";

/** What the list is filtered by, in words; each can be taken away. */
export function Chips({ chips }: { chips: readonly Chip[] }) {
  const [search, setSearch] = useSearch();
  const remove = (changes: Changes) => setSearch({ ...changes, page: null });
  if (chips.length === 0 && !search.get("search")) return null;
  return (
    <ul className="chips" aria-label="Filters">
      {chips.map(({ text, removal }) => (
        <li key={text}>
          <button
            type="button"
            className="chip"
            aria-label={`Remove the filter ${text}`}
            onClick={() => remove(removal)}
          >
            {text} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      <li>
        <Button kind="quiet" onClick={() => setSearch(RESET)}>
          Reset
        </Button>
      </li>
    </ul>
  );
}
