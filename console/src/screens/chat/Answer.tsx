import type { ChatAnswerView, FigureView, ProposalView, TableView } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Link } from "../../url/Link";
import { isNumeric, valueText } from "./values";

interface Props {
  answer: ChatAnswerView;
  /** Only what was proposed last can be confirmed. */
  newest: boolean;
  busy: boolean;
  onConfirm: (token: string) => void;
}

/** An answer: words, figures, rows, where to see more, and the calls that it rests on. */
export function Answer({ answer, newest, busy, onConfirm }: Props) {
  const { proposal, table, figures, links, calls } = answer;
  return (
    <div className="card stack">
      <p className="answer-text">{answer.answer}</p>
      <Figures figures={figures} />
      {table && <Rows table={table} />}
      {proposal && newest && <Proposal proposal={proposal} busy={busy} onConfirm={onConfirm} />}
      {links.length > 0 && (
        <p className="row">
          {links.map(({ href, label }) => (
            <Link key={href} to={href}>
              {label}
            </Link>
          ))}
        </p>
      )}
      {calls.length > 0 && (
        <details>
          <summary className="soft">What was looked up</summary>
          <ul className="calls">
            {calls.map((call) => (
              <li key={`${call.method} ${call.path}`}>
                <code>
                  {call.method} {call.path}
                </code>{" "}
                <small className="soft">{call.status ?? "no answer"}</small>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Figures({ figures }: { figures: readonly FigureView[] }) {
  const formats = useFormats();
  if (figures.length === 0) return null;
  return (
    <dl className="facts">
      {figures.map(({ label, kind, value }) => (
        <div key={label} className="chat-fact">
          <dt>{label}</dt>
          <dd>{valueText(kind, value, formats)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Rows({ table: { columns, rows, hrefs, total } }: { table: TableView }) {
  const formats = useFormats();
  return (
    <>
      <div className="table-frame">
        <table className="table plain">
          <thead>
            <tr>
              {columns.map(({ name, label, kind }) => (
                <th key={name} scope="col" className={isNumeric(kind) ? "numeric" : undefined}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => {
              const href = hrefs[index];
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows of an answer do not change
                <tr key={index}>
                  {columns.map(({ name, kind, label }, column) => {
                    const text = valueText(kind, row[column], formats);
                    return (
                      <td key={name} data-label={label} className={isNumeric(kind) ? "numeric" : undefined}>
                        {column === 0 && href ? <Link to={href}>{text}</Link> : text}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {total > rows.length && (
        <p className="soft">
          {formats.count(rows.length)} of {formats.count(total)} are shown.
        </p>
      )}
    </>
  );
}

function Proposal({
  proposal,
  busy,
  onConfirm,
}: {
  proposal: ProposalView;
  busy: boolean;
  onConfirm: (token: string) => void;
}) {
  return (
    <div className="note stack">
      <p>
        <strong>{proposal.summary}</strong>
      </p>
      <Figures figures={proposal.figures} />
      {proposal.table && <Rows table={proposal.table} />}
      <p className="row">
        <Button kind="primary" busy={busy} onClick={() => onConfirm(proposal.token)}>
          Do it
        </Button>
        <small className="soft">Nothing is changed until then.</small>
      </p>
    </div>
  );
}
