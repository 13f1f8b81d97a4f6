import { useFormats } from "../format/useFormats";
import { Button } from "./Button";

interface Props {
  page: number;
  pageSize: number;
  total: number;
  onPage: (page: number) => void;
  /** Another number of rows a page, where one may choose. */
  onPageSize?: (pageSize: number) => void;
  /** What is listed: "products". */
  things: string;
}

const PAGE_SIZES = [25, 50, 100, 200];

/** Which part of a list is shown, and the way to the others. */
export function Pager({ page, pageSize, total, onPage, onPageSize, things }: Props) {
  const { count } = useFormats();
  const last = Math.max(1, Math.ceil(total / pageSize));
  const first = total === 0 ? 0 : (page - 1) * pageSize + 1;
  return (
    <nav className="pager" aria-label={`Pages of ${things}`}>
      <span>
        {count(first)}–{count(Math.min(page * pageSize, total))} of {count(total)} {things}
      </span>
      {onPageSize && (
        <label className="page-size">
          Rows{" "}
          <select value={pageSize} onChange={({ target }) => onPageSize(Number(target.value))}>
            {[...new Set([...PAGE_SIZES, pageSize])]
              .sort((a, b) => a - b)
              .map((size) => (
                <option key={size}>{size}</option>
              ))}
          </select>
        </label>
      )}
      <Button disabled={page <= 1} onClick={() => onPage(page - 1)}>
        Previous
      </Button>
      <Button disabled={page >= last} onClick={() => onPage(page + 1)}>
        Next
      </Button>
    </nav>
  );
}
