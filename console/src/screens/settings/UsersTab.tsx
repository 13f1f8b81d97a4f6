import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { UserView } from "stockcast-client";
import { queries, type Versioned } from "../../api/client";
import { user, users } from "../../api/users";
import { useFormats } from "../../format/useFormats";
import { useMe } from "../../session/session";
import { Button } from "../../ui/Button";
import { type Column, DataTable } from "../../ui/DataTable";
import { Section } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { QueryView } from "../../ui/QueryView";
import { Badge, type Tone } from "../../ui/Status";
import { toastError } from "../../ui/toasts";
import { useSearch } from "../../url/location";
import { InviteDialog } from "./InviteDialog";
import { UserDialog } from "./UserDialog";

const STATUSES: Record<UserView["status"], [string, Tone]> = {
  invited: ["Invited", "info"],
  active: ["Active", "good"],
  inactive: ["Disabled", "quiet"],
};

/** Who may sign in, and as what. */
export function UsersTab() {
  const [search, setSearch] = useSearch();
  const { date } = useFormats();
  const me = useMe();
  const [inviting, setInviting] = useState(false);
  const [edited, setEdited] = useState<Versioned<UserView>>();
  const query = useQuery(users(Number(search.get("page")) || 1));
  const { mutate: edit } = useMutation({
    mutationFn: (id: string) => queries.fetchQuery(user(id)),
    onSuccess: setEdited,
    onError: toastError,
  });
  const columns = useMemo<Column<UserView>[]>(
    () => [
      {
        id: "email",
        header: "User",
        cell: (row) => (
          <span>
            {row.name ?? row.email} {row.name && <small className="soft">{row.email}</small>}
            {row.user_id === me.user_id && <small className="soft"> you</small>}
          </span>
        ),
      },
      { id: "role", header: "Role", cell: (row) => row.role },
      {
        id: "status",
        header: "Status",
        cell: (row) => <Badge tone={STATUSES[row.status][1]}>{STATUSES[row.status][0]}</Badge>,
      },
      {
        id: "created_at",
        header: "Since",
        wide: true,
        cell: (row) => (row.created_at ? date(row.created_at.slice(0, 10)) : "–"),
      },
      {
        id: "edit",
        header: "Change",
        cell: (row) => (
          <Button aria-label={`Edit ${row.email}`} onClick={() => edit(row.user_id)}>
            Edit
          </Button>
        ),
      },
    ],
    [date, me.user_id, edit],
  );
  return (
    <Section
      title="Users"
      actions={
        <Button kind="primary" onClick={() => setInviting(true)}>
          Invite a user
        </Button>
      }
    >
      <QueryView query={query} height="20rem">
        {({ items, page, page_size, total }) => (
          <>
            <DataTable caption="Users" columns={columns} rows={items} rowId={(row) => row.user_id} />
            <Pager
              page={page}
              pageSize={page_size}
              total={total}
              things="users"
              onPage={(number) => setSearch({ page: number }, { push: true })}
            />
          </>
        )}
      </QueryView>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {edited && <UserDialog edited={edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}
