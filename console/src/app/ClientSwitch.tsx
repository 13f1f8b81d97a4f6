import { useQuery } from "@tanstack/react-query";
import { clients } from "../api/clients";
import { useMe } from "../session/session";
import { SelectField } from "../ui/Field";
import { href, navigate } from "../url/location";

/** Whose data is shown: for administrators of the platform, who have several clients. */
export function ClientSwitch() {
  const { client_id: current } = useMe();
  const { data } = useQuery(clients());
  return (
    <SelectField
      label="Client"
      value={current ?? ""}
      onChange={({ target }) => navigate(href("/", { client_id: target.value }))}
    >
      {!current && <option value="">Choose a client</option>}
      {(data?.items ?? []).map(({ client_id, name }) => (
        <option key={client_id} value={client_id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
