import { type FormEvent, useState } from "react";
import { useRemembered } from "../../session/useRemembered";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Popover } from "../../ui/Popover";
import { toast } from "../../ui/toasts";
import { Link } from "../../url/Link";
import { useSearch } from "../../url/location";
import { renamed, saved, type View, viewOf, without } from "./views";

const NONE: readonly View[] = [];

/** Views under names of one's own: kept in this browser, for this client. */
export function SavedViews({ columns }: { columns: readonly string[] | null }) {
  const [search] = useSearch();
  const [views, keep] = useRemembered<readonly View[]>("products.views", NONE);
  const [renaming, setRenaming] = useState<string | null>(null);
  const here = viewOf(search, columns);
  const current = views.find(({ query }) => query === here);

  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get("name")).trim();
    if (!name) return;
    keep(saved(views, { name, query: here }));
    form.reset();
    toast(`The view “${name}” is saved.`);
  };
  const rename = (event: FormEvent<HTMLFormElement>, from: string) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (name) keep(renamed(views, from, name));
    setRenaming(null);
  };
  const remove = (name: string) => {
    keep(without(views, name));
    toast(`The view “${name}” is deleted.`, { undo: () => keep(views) });
  };

  return (
    <Popover className="button" label={current ? `View: ${current.name}` : "Views"}>
      <div className="form views">
        {views.length === 0 && <p className="soft">A view keeps filters, order and columns under a name.</p>}
        <ul>
          {views.map(({ name, query }) =>
            renaming === name ? (
              <li key={name}>
                <form className="row" onSubmit={(event) => rename(event, name)}>
                  <TextField
                    label={`New name of ${name}`}
                    name="name"
                    defaultValue={name}
                    maxLength={60}
                    required
                    autoFocus
                  />
                  <Button type="submit">Rename</Button>
                </form>
              </li>
            ) : (
              <li key={name} className="view">
                <Link to={`/products?${query}`} aria-current={query === here ? "true" : undefined}>
                  {name}
                </Link>
                <Button kind="quiet" aria-label={`Rename ${name}`} onClick={() => setRenaming(name)}>
                  Rename
                </Button>
                <Button kind="quiet" aria-label={`Delete ${name}`} onClick={() => remove(name)}>
                  Delete
                </Button>
              </li>
            ),
          )}
        </ul>
        <form className="row" onSubmit={save}>
          <TextField label="Save this view as" name="name" maxLength={60} required />
          <Button type="submit">Save</Button>
        </form>
      </div>
    </Popover>
  );
}
