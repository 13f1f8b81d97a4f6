import { type ReactNode, useState } from "react";
import { useFormats, useToday } from "../format/useFormats";
import { type Liveness, useLive } from "../live/useLive";
import { useMe, useSession } from "../session/session";
import { Button } from "../ui/Button";
import { Popover } from "../ui/Popover";
import { Link } from "../url/Link";
import { usePath, useSearch } from "../url/location";
import { ClientSwitch } from "./ClientSwitch";
import { NAVIGATION } from "./routes";
import { ThemeChoice } from "./ThemeChoice";

/** What is around every screen: navigation, whose data it is, who one is. */
export function Shell({ children }: { children: ReactNode }) {
  const path = usePath();
  const me = useMe();
  const { signOut, state } = useSession();
  const [search] = useSearch();
  const live = useLive(state.status === "signed in" ? state.session : null, me.user_id, search.get("client_id"));
  const { date } = useFormats();
  const today = useToday();
  const [open, setOpen] = useState(false);

  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="bar">
        <Button
          className="menu-button"
          kind="quiet"
          aria-expanded={open}
          aria-controls="menu"
          onClick={() => setOpen(!open)}
        >
          Menu
        </Button>
        <Link to="/" className="brand">
          Stockcast
        </Link>
        <span className="bar-client">
          {me.client?.name} <span className="bar-date">· {date(today)}</span>
        </span>
        <Popover className="button quiet user" label={me.name ?? me.email ?? me.user_id}>
          <div className="user-panel">
            <p>
              <strong>{me.name ?? me.email}</strong>
              <br />
              {me.email} · {me.role}
            </p>
            {me.platform && <ClientSwitch />}
            <ThemeChoice />
            <Button onClick={signOut}>Sign out</Button>
          </div>
        </Popover>
      </header>
      <nav id="menu" className={`menu ${open ? "open" : ""}`} aria-label="Main">
        <div className="menu-part">
          <ul>
            {NAVIGATION.filter(({ ability }) => !ability || me.abilities.includes(ability)).map(({ label, to }) => {
              const here = to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`);
              return (
                <li key={to}>
                  <Link to={to} aria-current={here ? "page" : undefined} onClick={() => setOpen(false)}>
                    {label}
                  </Link>
                </li>
              );
            })}
          </ul>
          <p className="liveness" title={LIVENESS[live].title}>
            {LIVENESS[live].text}
          </p>
        </div>
      </nav>
      <main id="main" className="main">
        {children}
      </main>
    </div>
  );
}

const LIVENESS: Record<Liveness, { text: string; title: string }> = {
  connecting: { text: "\u00a0", title: "" },
  live: { text: "Live", title: "What others change is shown as they change it." },
  polling: { text: "Updated each minute", title: "Changes by others are asked for once a minute." },
};
