import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { NewServiceTokenView, Role, ServiceTokenView } from "stockcast-client";
import { queries } from "../../api/client";
import { keys, makeKey, revokeKey } from "../../api/users";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { CopyField } from "../../ui/CopyField";
import { type Column, DataTable } from "../../ui/DataTable";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { SelectField, TextField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { QueryView } from "../../ui/QueryView";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";
import { useSearch } from "../../url/location";

/** Keys with which machines call the API. */
export function KeysTab() {
  const [search, setSearch] = useSearch();
  const { dateTime } = useFormats();
  const [making, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<ServiceTokenView>();
  const query = useQuery(keys(Number(search.get("page")) || 1));
  const columns = useMemo<Column<ServiceTokenView>[]>(
    () => [
      { id: "name", header: "For", cell: (row) => row.name },
      { id: "role", header: "Role", cell: (row) => row.role },
      {
        id: "last_used_at",
        header: "Last used",
        cell: (row) => (row.last_used_at ? dateTime(row.last_used_at) : <span className="soft">never</span>),
      },
      { id: "expires_at", header: "Ends", cell: (row) => dateTime(row.expires_at) },
      {
        id: "revoke",
        header: "Change",
        cell: (row) => (
          <Button kind="danger" aria-label={`Revoke ${row.name}`} onClick={() => setRevoked(row)}>
            Revoke
          </Button>
        ),
      },
    ],
    [dateTime],
  );
  return (
    <Section
      title="Keys of machines"
      actions={
        <Button kind="primary" onClick={() => setMaking(true)}>
          Make a key
        </Button>
      }
    >
      <QueryView query={query} height="12rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <p className="soft">There is none. A system that sends sales and stock by itself needs one.</p>
          ) : (
            <>
              <DataTable caption="Keys" columns={columns} rows={items} rowId={(row) => row.id} />
              {total > page_size && (
                <Pager
                  page={page}
                  pageSize={page_size}
                  total={total}
                  things="keys"
                  onPage={(number) => setSearch({ page: number }, { push: true })}
                />
              )}
            </>
          )
        }
      </QueryView>
      {making && <KeyDialog onClose={() => setMaking(false)} />}
      {revoked && (
        <Confirm
          title={`Revoke the key for ${revoked.name}?`}
          action="Revoke this key"
          act={() => revokeKey(revoked.id)}
          onClose={() => setRevoked(undefined)}
          onDone={() => {
            queries.invalidateQueries({ queryKey: ["keys"] });
            toast("The key opens nothing any more.");
            setRevoked(undefined);
          }}
        >
          Whatever uses it stops within seconds. It cannot be taken back.
        </Confirm>
      )}
    </Section>
  );
}

interface KeyForm {
  name: string;
  role: Role;
  days: string;
}

const DAY_MS = 86_400_000;
/** How long a key may live. */
const LIVES = [
  ["90", "90 days"],
  ["365", "A year"],
  ["729", "Two years"],
] as const;

function KeyDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<NewServiceTokenView>();
  const { dateTime } = useFormats();
  const form = useEditing({
    start: { value: { name: "", role: "SERVICE", days: "365" } as KeyForm, etag: null },
    write: ({ name, role, days }: KeyForm, _, headers) => {
      // The end of a day, so that the same form sent twice asks for the same key.
      const end = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS + Number(days) * DAY_MS).toISOString();
      return makeKey({ name: name.trim(), role, expires_at: end }, { "Idempotency-Key": headers["Idempotency-Key"] });
    },
    onSaved: (key) => {
      queries.invalidateQueries({ queryKey: ["keys"] });
      setMade(key);
    },
  });
  if (made) {
    return (
      <Dialog title={`The key for ${made.name}`} open onClose={onClose}>
        <div className="form">
          <p>
            Store it where the machine finds it. It is not shown again, and works until {dateTime(made.expires_at)}.
          </p>
          <CopyField label="Key" value={made.token} hint="Sent as Authorization: Bearer with each call." />
          <div className="row">
            <Button kind="primary" onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Make a key" open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        <TextField
          label="What it is for"
          required
          maxLength={200}
          value={form.values.name}
          error={form.errors.name}
          onChange={({ target }) => form.set({ name: target.value })}
        />
        <SelectField
          label="Role"
          value={form.values.role}
          error={form.errors.role}
          onChange={({ target }) => form.set({ role: target.value as Role })}
        >
          <option value="SERVICE">SERVICE: sends imports, starts forecasts</option>
          <option value="VIEWER">VIEWER: reads</option>
        </SelectField>
        <SelectField
          label="Works for"
          value={form.values.days}
          error={form.errors.expires_at}
          onChange={({ target }) => form.set({ days: target.value })}
        >
          {LIVES.map(([days, name]) => (
            <option key={days} value={days}>
              {name}
            </option>
          ))}
        </SelectField>
        <SaveBar
          form={form}
          action="Make the key"
          names={{}}
          shown={["name", "role", "expires_at"]}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  );
}
