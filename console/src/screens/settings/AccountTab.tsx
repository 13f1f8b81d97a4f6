import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef } from "react";
import { fieldErrors } from "../../api/client";
import { changePassword, saveMe } from "../../api/users";
import { useMe, useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { textOrNull } from "../../ui/changes";
import { useEditing } from "../../ui/editing";
import { SelectField, TextField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";

/** How numbers and dates may be written; any other that the user has already stays. */
const LOCALES = [
  "en-GB",
  "en-US",
  "en-IE",
  "de-DE",
  "de-AT",
  "de-CH",
  "fr-FR",
  "es-ES",
  "it-IT",
  "nl-NL",
  "pl-PL",
  "pt-PT",
  "pt-BR",
  "sv-SE",
  "da-DK",
  "fi-FI",
  "ja-JP",
];

/** One's own name, way of writing numbers, and password. */
export function AccountTab() {
  const me = useMe();
  return (
    <div className="grid">
      <Profile key={`${me.name} ${me.locale}`} />
      <Password />
    </div>
  );
}

function Profile() {
  const me = useMe();
  const { reread } = useSession();
  const form = useEditing({
    start: { value: { name: me.name ?? "", locale: me.locale ?? "" }, etag: null },
    write: (_, changes) =>
      saveMe({
        ...(changes.name === undefined ? {} : { name: textOrNull(changes.name) }),
        ...(changes.locale === undefined ? {} : { locale: textOrNull(changes.locale) }),
      }),
    onSaved: () => {
      toast("Saved.");
      reread();
    },
  });
  const locales =
    form.values.locale && !LOCALES.includes(form.values.locale) ? [form.values.locale, ...LOCALES] : LOCALES;
  return (
    <Section title="You" note={`${me.email} · ${me.role}`}>
      <form className="form" onSubmit={form.submit}>
        <TextField
          label="Name"
          maxLength={200}
          autoComplete="name"
          value={form.values.name}
          error={form.errors.name}
          onChange={({ target }) => form.set({ name: target.value })}
        />
        <SelectField
          label="Numbers and dates as in"
          hint={`1234.5 is written ${new Intl.NumberFormat(form.values.locale || undefined, { minimumFractionDigits: 2 }).format(1234.5)}.`}
          value={form.values.locale}
          error={form.errors.locale}
          onChange={({ target }) => form.set({ locale: target.value })}
        >
          <option value="">As the company has it</option>
          {locales.map((locale) => (
            <option key={locale} value={locale}>
              {nameOf(locale)}
            </option>
          ))}
        </SelectField>
        <SaveBar form={form} action="Save" names={{}} shown={["name", "locale"]} />
      </form>
    </Section>
  );
}

/** "English (United Kingdom)", as the reader's browser calls it. */
const nameOf = (locale: string): string =>
  new Intl.DisplayNames(undefined, { type: "language", languageDisplay: "standard" }).of(locale) ?? locale;

function Password() {
  const { take } = useSession();
  const form = useRef<HTMLFormElement>(null);
  const { mutate, isPending, error } = useMutation({
    mutationFn: changePassword,
    onSuccess: (tokens) => {
      take(tokens);
      form.current?.reset();
      toast("Your password is changed. Other sessions of yours are signed out.");
    },
  });
  const errors = fieldErrors(error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    mutate({ current_password: String(given.get("current")), new_password: String(given.get("new")) });
  };
  return (
    <Section title="Password">
      <form className="form" ref={form} onSubmit={submit}>
        <TextField
          label="Current password"
          name="current"
          type="password"
          autoComplete="current-password"
          required
          maxLength={1000}
          error={errors.current_password}
        />
        <TextField
          label="New password"
          name="new"
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={1000}
          hint="12 characters or more. Several words that have nothing to do with each other make a good one."
          error={errors.new_password}
        />
        {error && Object.keys(errors).length === 0 && (
          <p className="note error" role="alert">
            {error.message}
          </p>
        )}
        <div className="row">
          <Button kind="primary" type="submit" busy={isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  );
}
