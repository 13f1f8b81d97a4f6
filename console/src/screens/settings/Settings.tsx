import "./settings.css";
import { useMay } from "../../session/session";
import { Page } from "../../ui/Page";
import { type Tab, Tabs } from "../../ui/Tabs";
import { useSearch } from "../../url/location";
import { AccountTab } from "./AccountTab";
import { AuditTab } from "./AuditTab";
import { KeysTab } from "./KeysTab";
import { NotificationsTab } from "./NotificationsTab";
import { PlanningTab } from "./PlanningTab";
import { RulesTab } from "./RulesTab";
import { UsersTab } from "./UsersTab";

const TABS = {
  planning: ["Planning", PlanningTab],
  recommendations: ["Recommendations", RulesTab],
  notifications: ["Notifications", NotificationsTab],
  users: ["Users", UsersTab],
  keys: ["Keys", KeysTab],
  audit: ["Audit log", AuditTab],
  account: ["My account", AccountTab],
} as const;
type Name = keyof typeof TABS;

/** What each tab needs beside reading; users, keys, deliveries and the audit log are the administrator's alone. */
function useNames(): Name[] {
  const maySet = useMay("edit_settings");
  const keepsUsers = useMay("keep_users");
  return (Object.keys(TABS) as Name[]).filter((name) => {
    if (name === "notifications") return maySet;
    return keepsUsers || !["users", "keys", "audit"].includes(name);
  });
}

export default function Settings() {
  const [search] = useSearch();
  const names = useNames();
  const asked = search.get("tab") as Name | null;
  const open = asked && names.includes(asked) ? asked : "planning";
  const Open = TABS[open][1];
  const tabs: Tab[] = names.map((id) => ({ id, label: TABS[id][0] }));
  return (
    <Page title="Settings">
      <Tabs name="Parts of the settings" to="/settings" tabs={tabs} open={open} />
      <Open />
    </Page>
  );
}
