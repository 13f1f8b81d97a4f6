import { useQuery } from "@tanstack/react-query";
import type { RecommendationRules, RecommendationType, Role } from "stockcast-client";
import type { Versioned } from "../../api/client";
import { changeSettings, settings, settingsNow } from "../../api/settings";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { useEditing } from "../../ui/editing";
import { CheckField, SelectField, TextField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { SaveBar } from "../../ui/SaveBar";
import { Refresh } from "./Refresh";
import { moved, ROLES, type RulesForm, rulesBody, rulesForm, TYPES, toggledType } from "./rulesForm";
import { useSaved } from "./useSaved";

/** Which advice is made, from when on, and who is shown it. */
export function RulesTab() {
  const query = useQuery(settings());
  const { refreshId, version, saved } = useSaved();
  return (
    <QueryView query={query} height="40rem">
      {({ value, etag }) => (
        <RulesEditor
          key={version}
          read={{ value: value.recommendation_rules, etag }}
          onSaved={saved}
          refreshId={refreshId}
        />
      )}
    </QueryView>
  );
}

interface Props {
  read: Versioned<RecommendationRules>;
  onSaved: ReturnType<typeof useSaved>["saved"];
  /** The refresh that follows what was saved. */
  refreshId: string | null;
}

function RulesEditor({ read, onSaved, refreshId }: Props) {
  const maySet = useMay("edit_settings");
  const form = useEditing({
    start: { value: rulesForm(read.value), etag: read.etag },
    reread: async () => {
      const { value, etag } = await settingsNow();
      return { value: rulesForm(value.recommendation_rules), etag };
    },
    write: (values: RulesForm, _, headers) =>
      changeSettings({ recommendation_rules: rulesBody(values) }, { "If-Match": headers["If-Match"] }),
    onSaved,
  });
  const { enabled, shown } = form.values;
  const threshold = (
    name: "urgent_min_risk" | "reduce_order_min_dir_days" | "promote_min_dir_days",
    label: string,
    hint: string,
  ) => (
    <TextField
      label={label}
      hint={hint}
      type="number"
      required
      step={name === "urgent_min_risk" ? "any" : 1}
      min={name === "urgent_min_risk" ? 0.0001 : 0}
      max={name === "urgent_min_risk" ? 99.9999 : 3650}
      value={form.values[name]}
      error={form.errors[`recommendation_rules/threshold_filters/${name}`]}
      onChange={({ target }) => form.set({ [name]: target.value })}
    />
  );
  return (
    <form className="stack" onSubmit={form.submit}>
      {!maySet && <p className="note">The CEO and administrators change these.</p>}
      <fieldset className="plain stack" disabled={!maySet} aria-label="Rules of recommendations">
        <Section title="Which advice is made">
          <ul className="advice">
            {(Object.keys(TYPES) as RecommendationType[]).map((type) => (
              <li key={type}>
                <CheckField
                  label={TYPES[type][0]}
                  checked={enabled.includes(type)}
                  onChange={() => form.set({ enabled: toggledType(enabled, type) })}
                />{" "}
                <span className="soft">{TYPES[type][1]}</span>
              </li>
            ))}
          </ul>
        </Section>
        <Section title="From when on">
          <div className="grid">
            {threshold("urgent_min_risk", "Urgent above a stockout risk of, %", "Between 0 and 100.")}
            {threshold("reduce_order_min_dir_days", "Reduce an order above, days", "Days that the stock lasts.")}
            {threshold("promote_min_dir_days", "Promote above, days", "Days that the stock lasts.")}
          </div>
        </Section>
        <Section title="Who is shown what, first things first">
          <div className="grid">
            {ROLES.map((role) => (
              <RoleRules
                key={role}
                role={role}
                types={shown[role]}
                onChange={(types) => form.set({ shown: { ...shown, [role]: types } })}
              />
            ))}
          </div>
        </Section>
      </fieldset>
      {maySet && (
        <div className="save-bar card">
          {refreshId && <Refresh key={refreshId} id={refreshId} />}
          <SaveBar
            form={form}
            action="Save changes"
            names={{ enabled: "which advice is made", shown: "who is shown what" }}
            shown={["urgent_min_risk", "reduce_order_min_dir_days", "promote_min_dir_days"].map(
              (name) => `recommendation_rules/threshold_filters/${name}`,
            )}
          />
          {form.dirty && <Button onClick={form.discard}>Discard them</Button>}
        </div>
      )}
    </form>
  );
}

interface RoleProps {
  role: Role;
  /** In their order; null: all of them. */
  types: readonly RecommendationType[] | null;
  onChange: (types: RecommendationType[] | null) => void;
}

function RoleRules({ role, types, onChange }: RoleProps) {
  const left = (Object.keys(TYPES) as RecommendationType[]).filter((type) => !types?.includes(type));
  return (
    <div className="role-rules">
      <h3>{role}</h3>
      <CheckField
        label="All of them"
        aria-label={`${role} is shown all of them`}
        checked={types === null}
        onChange={({ target }) => onChange(target.checked ? null : (Object.keys(TYPES) as RecommendationType[]))}
      />
      {types !== null && (
        <>
          <ol>
            {types.map((type, index) => (
              <li key={type}>
                <span>{TYPES[type][0]}</span>
                <Button
                  kind="quiet"
                  disabled={index === 0}
                  aria-label={`${TYPES[type][0]} earlier for ${role}`}
                  onClick={() => onChange(moved(types, index))}
                >
                  ↑
                </Button>
                <Button
                  kind="quiet"
                  aria-label={`${TYPES[type][0]} not for ${role}`}
                  onClick={() => onChange(types.filter((other) => other !== type))}
                >
                  ×
                </Button>
              </li>
            ))}
          </ol>
          {types.length === 0 && <p className="soft">Nothing is shown.</p>}
          {left.length > 0 && (
            <SelectField
              label={`Show ${role} more`}
              hiddenLabel
              value=""
              onChange={({ target }) => onChange([...types, target.value as RecommendationType])}
            >
              <option value="">Add…</option>
              {left.map((type) => (
                <option key={type} value={type}>
                  {TYPES[type][0]}
                </option>
              ))}
            </SelectField>
          )}
        </>
      )}
    </div>
  );
}
