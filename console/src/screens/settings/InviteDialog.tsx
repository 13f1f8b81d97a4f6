import { useState } from "react";
import type { NewUserView, Role } from "stockcast-client";
import { queries } from "../../api/client";
import { inviteUser } from "../../api/users";
import { Button } from "../../ui/Button";
import { textOrNull } from "../../ui/changes";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { SelectField, TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { OneTimeLink } from "./OneTimeLink";
import { ROLES_OF_PEOPLE } from "./roles";

interface Invitation {
  email: string;
  name: string;
  role: Role;
}

/** Invites somebody, and shows the link with which they choose a password. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const [invited, setInvited] = useState<NewUserView>();
  const form = useEditing({
    start: { value: { email: "", name: "", role: "VIEWER" } as Invitation, etag: null },
    write: ({ email, name, role }: Invitation, _, headers) =>
      inviteUser(
        { email: email.trim(), name: textOrNull(name), role },
        { "Idempotency-Key": headers["Idempotency-Key"] },
      ),
    onSaved: (user) => {
      queries.invalidateQueries({ queryKey: ["users"] });
      setInvited(user);
    },
  });
  if (invited?.invitation) {
    return (
      <Dialog title={`${invited.email} is invited`} open onClose={onClose}>
        <div className="form">
          <OneTimeLink email={invited.email} token={invited.invitation} />
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
    <Dialog title="Invite a user" open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        <TextField
          label="Email"
          type="email"
          required
          minLength={3}
          maxLength={320}
          value={form.values.email}
          error={form.errors.email}
          onChange={({ target }) => form.set({ email: target.value })}
        />
        <TextField
          label="Name"
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
          {Object.entries(ROLES_OF_PEOPLE).map(([role, name]) => (
            <option key={role} value={role}>
              {name}
            </option>
          ))}
        </SelectField>
        <SaveBar form={form} action="Invite" names={{}} shown={["email", "name", "role"]} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
