import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { AuditAction, AuditView } from "stockcast-client";
import { type AuditQuery, audit } from "../../api/audit";
import { users } from "../../api/users";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { SelectField, TextField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { Empty, ErrorNote, QueryView } from "../../ui/QueryView";
import { Link } from "../../url/Link";
import { useSearch } from "../../url/location";
import { picked } from "../../url/picked";
import { ACTIONS, changedFields, SUBJECTS, subjectLink } from "./auditWords";

const FILTERS = ["subject", "subject_id", "user_id", "action", "from_date", "to_date"];

/** Who changed what, and when. */
export function AuditTab() {
  const [search, setSearch] = useSearch();
  const { count } = useFormats();
  const query = useInfiniteQuery(audit(picked(search, FILTERS) as AuditQuery));
  const people = useQuery(users(1, 200));
  const names = new Map(people.data?.items.map(({ user_id, email, name }) => [user_id, name ?? email]));
  const subject = search.get("subject");
  const value = (name: string) => search.get(name) ?? "";
  const filtered = FILTERS.some((name) => search.has(name));

  return (
    <Section title="Audit log" note={query.data && `${count(query.data.pages[0]?.total ?? 0)} entries`}>
      <div className="row filters audit-filters">
        <SelectField
          label="What"
          value={value("subject")}
          onChange={({ target }) => setSearch({ subject: target.value, subject_id: null, action: null })}
        >
          <option value="">Everything</option>
          {Object.entries(SUBJECTS).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Action"
          value={value("action")}
          onChange={({ target }) => setSearch({ action: target.value })}
        >
          <option value="">Any</option>
          {(Object.keys(ACTIONS) as AuditAction[])
            .filter((action) => !subject || action.startsWith(`${subject}.`))
            .map((action) => (
              <option key={action} value={action}>
                {ACTIONS[action]}
              </option>
            ))}
        </SelectField>
        <SelectField
          label="Who"
          value={value("user_id")}
          onChange={({ target }) => setSearch({ user_id: target.value })}
        >
          <option value="">Anybody</option>
          {[...names].map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          {value("user_id") && !names.has(value("user_id")) && <option>{value("user_id")}</option>}
        </SelectField>
        {subject && (
          <TextField
            label="Its id"
            key={value("subject_id")}
            defaultValue={value("subject_id")}
            onBlur={({ target }) => setSearch({ subject_id: target.value.trim() })}
            onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
          />
        )}
        <TextField
          label="From"
          type="date"
          value={value("from_date")}
          onChange={({ target }) => setSearch({ from_date: target.value })}
        />
        <TextField
          label="To"
          type="date"
          value={value("to_date")}
          onChange={({ target }) => setSearch({ to_date: target.value })}
        />
      </div>
      <QueryView query={query} height="40rem">
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          if (entries.length === 0) {
            return (
              <Empty title={filtered ? "No entry fits these filters." : "Nothing was changed yet."}>
                {filtered && (
                  <Button onClick={() => setSearch(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
                    Show all entries
                  </Button>
                )}
              </Empty>
            );
          }
          return (
            <>
              <ol className="entries" aria-label="Entries, the latest first">
                {entries.map((entry) => (
                  <Entry key={entry.id} entry={entry} who={names.get(entry.user_id) ?? entry.user_id} />
                ))}
              </ol>
              {query.isFetchNextPageError && <ErrorNote error={query.error} onRetry={() => query.fetchNextPage()} />}
              {query.hasNextPage && (
                <div className="row">
                  <Button busy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
                    Load more
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </QueryView>
    </Section>
  );
}

function Entry({ entry, who }: { entry: AuditView; who: string }) {
  const { dateTime } = useFormats();
  const fields = changedFields(entry);
  const link = subjectLink(entry);
  return (
    <li>
      <p className="entry-head">
        <time dateTime={entry.created_at} className="soft">
          {dateTime(entry.created_at)}
        </time>
        <strong>{ACTIONS[entry.action]}</strong>
        <span>
          {who} <small className="soft">{entry.role}</small>
        </span>
        {entry.subject_id !== entry.user_id &&
          (link ? <Link to={link}>{entry.subject_id}</Link> : <span className="soft">{entry.subject_id}</span>)}
        {entry.source_address && <small className="soft">from {entry.source_address}</small>}
      </p>
      {entry.reason && <p>Because: {entry.reason}</p>}
      {fields.length > 0 && (
        <details>
          <summary>
            {fields.length === 1 ? "1 field" : `${fields.length} fields`}:{" "}
            <span className="soft">
              {fields
                .slice(0, 4)
                .map(({ name }) => name)
                .join(", ")}
              {fields.length > 4 && " and more"}
            </span>
          </summary>
          <table className="change">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              {fields.map(({ name, before, after }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{before}</td>
                  <td>{after}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </li>
  );
}
