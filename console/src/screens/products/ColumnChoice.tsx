import type { ProductRow } from "stockcast-client";
import { Button } from "../../ui/Button";
import type { Column } from "../../ui/DataTable";
import { CheckField } from "../../ui/Field";
import { Popover } from "../../ui/Popover";

interface Props {
  columns: readonly Column<ProductRow>[];
  shown: readonly string[];
  /** null: the usual ones again. */
  onChoose: (shown: readonly string[] | null) => void;
}

/** Which columns the list has; the product itself always. */
export function ColumnChoice({ columns, shown, onChoose }: Props) {
  const choose = (id: string, on: boolean) =>
    onChoose(columns.map((column) => column.id).filter((other) => (other === id ? on : shown.includes(other))));
  return (
    <Popover className="button" label="Columns">
      <fieldset className="choices">
        <legend>Columns</legend>
        <div className="filter-columns two">
          {columns
            .filter(({ id }) => id !== "product_name")
            .map(({ id, header }) => (
              <CheckField
                key={id}
                label={header}
                checked={shown.includes(id)}
                onChange={({ target }) => choose(id, target.checked)}
              />
            ))}
        </div>
      </fieldset>
      <Button onClick={() => onChoose(null)}>The usual columns</Button>
    </Popover>
  );
}
