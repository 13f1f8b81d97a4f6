import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { OneTimeTokenView, Role, UserBody, UserView } from "stockcast-client";
import { queries, type Versioned } from "../../api/client";
import { removeUser, resetPassword, saveUser, user } from "../../api/users";
import { useMe } from "../../session/session";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { textOrNull } from "../../ui/changes";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { CheckField, SelectField, TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";
import { OneTimeLink } from "./OneTimeLink";
import { ROLES_OF_PEOPLE } from "./roles";

interface UserForm {
  name: string;
  role: Role;
  disabled: boolean;
}

const formOf = ({ name, role, status }: UserView): UserForm => ({
  name: name ?? "",
  role,
  disabled: status === "inactive",
});

/** What was changed alone: an invited user stays one, whatever else is. */
function bodyOf({ name, role, disabled }: Partial<UserForm>): UserBody {
  return {
    ...(name === undefined ? {} : { name: textOrNull(name) }),
    ...(role === undefined ? {} : { role }),
    ...(disabled === undefined ? {} : { status: disabled ? "inactive" : "active" }),
  };
}

interface Props {
  edited: Versioned<UserView>;
  onClose: () => void;
}

/** A user's role and access: changed, disabled, deleted, or given a link for another password. */
export function UserDialog({ edited, onClose }: Props) {
  const { user_id: id, email } = edited.value;
  const isMe = useMe().user_id === id;
  const [deleting, setDeleting] = useState(false);
  const [token, setToken] = useState<OneTimeTokenView>();
  const changed = () => queries.invalidateQueries({ queryKey: ["users"] });
  const form = useEditing({
    start: { value: formOf(edited.value), etag: edited.etag },
    reread: async () => {
      const { value, etag } = await queries.fetchQuery(user(id));
      return { value: formOf(value), etag };
    },
    write: (_: UserForm, changes, headers) => saveUser(id, bodyOf(changes), { "If-Match": headers["If-Match"] }),
    onSaved: () => {
      changed();
      toast(`${email} is saved.`);
      onClose();
    },
  });
  const reset = useMutation({ mutationFn: () => resetPassword(id), onSuccess: setToken });

  if (deleting) {
    return (
      <Confirm
        title={`Delete ${email}?`}
        action="Delete this user"
        act={() => removeUser(id, edited.etag)}
        onClose={onClose}
        onDone={() => {
          changed();
          toast(`${email} is deleted.`);
          onClose();
        }}
      >
        They are signed out at once. What they did stays in the audit log. Who may come back is better disabled.
      </Confirm>
    );
  }
  if (token) {
    return (
      <Dialog title={`A link for ${email}`} open onClose={onClose}>
        <div className="form">
          <OneTimeLink email={email} token={token} />
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
    <Dialog title={`Edit ${email}`} open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        <TextField
          label="Name"
          maxLength={200}
          value={form.values.name}
          error={form.errors.name}
          onChange={({ target }) => form.set({ name: target.value })}
        />
        <SelectField
          label="Role"
          hint="Another role signs them out."
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
        <CheckField
          label="Disabled: cannot sign in, and is signed out at once"
          checked={form.values.disabled}
          disabled={isMe}
          onChange={({ target }) => form.set({ disabled: target.checked })}
        />
        <SaveBar
          form={form}
          action="Save"
          names={{ name: "name", role: "role", disabled: "access" }}
          onCancel={onClose}
        />
        <div className="row">
          <Button busy={reset.isPending} onClick={() => reset.mutate()}>
            {edited.value.status === "invited" ? "Make another invitation" : "Make a link for another password"}
          </Button>
          {!isMe && (
            <Button kind="danger" onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )}
        </div>
        {reset.error && (
          <p className="note error" role="alert">
            {reset.error.message}
          </p>
        )}
      </form>
    </Dialog>
  );
}
