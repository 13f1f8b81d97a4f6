import { Link } from "../url/Link";
import { href } from "../url/location";

export interface Tab {
  id: string;
  label: string;
}

interface Props {
  /** What they are parts of, for screen readers. */
  name: string;
  /** The path of the screen; which tab is open is `tab` of its query. */
  to: string;
  tabs: readonly Tab[];
  open: string;
}

/** Parts of a screen, each with an address of its own. */
export const Tabs = ({ name, to, tabs, open }: Props) => (
  <nav className="tabs" aria-label={name}>
    <ul>
      {tabs.map(({ id, label }) => (
        <li key={id}>
          <Link to={href(to, { tab: id })} aria-current={id === open ? "page" : undefined}>
            {label}
          </Link>
        </li>
      ))}
    </ul>
  </nav>
);
