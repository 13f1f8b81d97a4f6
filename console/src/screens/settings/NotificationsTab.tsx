import { useQuery } from "@tanstack/react-query";
import type { NotificationEvent, NotificationTargets } from "stockcast-client";
import type { Versioned } from "../../api/client";
import { changeSettings, settings, settingsNow } from "../../api/settings";
import { useMay } from "../../session/session";
import { useEditing } from "../../ui/editing";
import { CheckField, TextField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { SaveBar } from "../../ui/SaveBar";
import { Deliveries } from "./Deliveries";
import { EVENTS, type NotificationsForm, notificationsBody, notificationsForm } from "./notificationsForm";
import { useSaved } from "./useSaved";

/** Which events the client's own systems are told of, and what became of it. */
export function NotificationsTab() {
  const query = useQuery(settings());
  const keepsUsers = useMay("keep_users");
  const { version, saved } = useSaved();
  return (
    <>
      <QueryView query={query} height="28rem">
        {({ value, etag }) => <Targets key={version} read={{ value: value.notifications, etag }} onSaved={saved} />}
      </QueryView>
      {keepsUsers && <Deliveries />}
    </>
  );
}

const AT = { webhook_url: "notifications/webhook_url", secret: "notifications/secret" } as const;

interface Props {
  read: Versioned<NotificationTargets>;
  onSaved: ReturnType<typeof useSaved>["saved"];
}

function Targets({ read, onSaved }: Props) {
  const form = useEditing({
    start: { value: notificationsForm(read.value), etag: read.etag },
    reread: async () => {
      const { value, etag } = await settingsNow();
      return { value: notificationsForm(value.notifications), etag };
    },
    write: (values: NotificationsForm, _, headers) =>
      changeSettings({ notifications: notificationsBody(values) }, { "If-Match": headers["If-Match"] }),
    onSaved,
  });
  const { events } = form.values;
  return (
    <Section title="Tell your own systems" note="by signed webhooks (Standard Webhooks)">
      <form className="form" onSubmit={form.submit}>
        <div className="grid">
          <TextField
            label="Address that is called"
            type="url"
            maxLength={2000}
            placeholder="https://"
            hint="Over https, on the public network. Empty: nobody is told."
            value={form.values.webhook_url}
            error={form.errors[AT.webhook_url]}
            onChange={({ target }) => form.set({ webhook_url: target.value })}
          />
          <TextField
            label="Name of the secret that signs"
            maxLength={55}
            pattern="[a-z0-9]([a-z0-9\-]{0,53}[a-z0-9])?"
            hint="As whoever runs this installation has stored it: lower case, digits, hyphens."
            value={form.values.secret}
            error={form.errors[AT.secret]}
            onChange={({ target }) => form.set({ secret: target.value })}
          />
        </div>
        <fieldset className="plain">
          <legend className="soft">Told of</legend>
          <ul>
            {(Object.keys(EVENTS) as NotificationEvent[]).map((event) => (
              <li key={event}>
                <CheckField
                  label={EVENTS[event]}
                  checked={events.includes(event)}
                  onChange={({ target }) =>
                    form.set({
                      events: target.checked ? [...events, event] : events.filter((other) => other !== event),
                    })
                  }
                />
              </li>
            ))}
          </ul>
        </fieldset>
        <SaveBar
          form={form}
          action="Save changes"
          names={{ webhook_url: "address", secret: "secret", events: "events" }}
          shown={Object.values(AT)}
        />
      </form>
    </Section>
  );
}
