import { useQuery } from "@tanstack/react-query";
import type { SettingsView } from "stockcast-client";
import type { Versioned } from "../../api/client";
import { changeSettings, settings, settingsNow } from "../../api/settings";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { type Editing, useEditing } from "../../ui/editing";
import { TextField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { SaveBar } from "../../ui/SaveBar";
import { CLASSES, FIELDS, GROUPS, type Setting } from "./fields";
import { Refresh } from "./Refresh";
import { SettingField } from "./SettingField";
import { type SettingsForm, settingsChange, settingsForm } from "./settingsForm";
import { useSaved } from "./useSaved";

/** How orders, statuses and receipts are reckoned. */
export function PlanningTab() {
  const query = useQuery(settings());
  const { refreshId, version, saved } = useSaved();
  return (
    <QueryView query={query} height="60rem">
      {(read) => <PlanningForm key={version} read={read} onSaved={saved} refreshId={refreshId} />}
    </QueryView>
  );
}

const NAMES = {
  ...Object.fromEntries(Object.entries(FIELDS).map(([setting, { label }]) => [setting, label])),
  service_level_by_class: "levels by class",
} as Record<keyof SettingsForm, string>;

interface Props {
  read: Versioned<SettingsView>;
  onSaved: ReturnType<typeof useSaved>["saved"];
  /** The refresh that follows what was saved. */
  refreshId: string | null;
}

function PlanningForm({ read, onSaved, refreshId }: Props) {
  const maySet = useMay("edit_settings");
  const form = useEditing({
    start: { value: settingsForm(read.value), etag: read.etag },
    reread: async () => {
      const { value, etag } = await settingsNow();
      return { value: settingsForm(value), etag };
    },
    write: (_: SettingsForm, changes, headers) =>
      changeSettings(settingsChange(changes), { "If-Match": headers["If-Match"] }),
    onSaved,
  });
  return (
    <form className="stack" onSubmit={form.submit}>
      {!maySet && <p className="note">The CEO and administrators change these.</p>}
      {GROUPS.map(({ title, note, settings: names, classes }) => (
        <Section key={title} title={title} note={note}>
          <fieldset className="plain" disabled={!maySet} aria-label={title}>
            <div className="settings-grid">
              {names.map((setting) => (
                <SettingField
                  key={setting}
                  setting={setting}
                  value={form.values[setting]}
                  error={form.errors[setting]}
                  onChange={(value) => form.set({ [setting as Setting]: value } as Partial<SettingsForm>)}
                />
              ))}
            </div>
            {classes && <Levels form={form} />}
          </fieldset>
        </Section>
      ))}
      {maySet && (
        <div className="save-bar card">
          {refreshId && <Refresh key={refreshId} id={refreshId} />}
          <SaveBar form={form} action="Save changes" names={NAMES} shown={shownPaths} />
          {form.dirty && <Button onClick={form.discard}>Discard them</Button>}
        </div>
      )}
    </form>
  );
}

const shownPaths = [...Object.keys(FIELDS), ...CLASSES.map((name) => `service_level_by_class/${name}`)];

/** Levels of classes, in place of those that the average gives. */
function Levels({ form }: { form: Editing<SettingsForm> }) {
  const levels = form.values.service_level_by_class;
  return (
    <details className="levels" open={Object.values(levels).some(Boolean)}>
      <summary>Service levels by class, %</summary>
      <p className="soft">
        A, B, C by revenue; X steady, Z erratic. Where one is entered it holds in place of the one that the average
        gives.
      </p>
      <div className="levels-grid">
        {CLASSES.map((name) => (
          <TextField
            key={name}
            label={name}
            type="number"
            min={0.0001}
            max={99.9999}
            step="any"
            value={levels[name] ?? ""}
            error={form.errors[`service_level_by_class/${name}`]}
            onChange={({ target }) =>
              form.set({ service_level_by_class: { ...levels, [name]: target.value } } as Partial<SettingsForm>)
            }
          />
        ))}
      </div>
    </details>
  );
}
