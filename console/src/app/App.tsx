import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { queries } from "../api/client";
import { SignIn } from "../session/SignIn";
import { SessionProvider, useSession } from "../session/session";
import { Welcome } from "../session/Welcome";
import { Boundary } from "../ui/Boundary";
import { Page } from "../ui/Page";
import { Empty, ErrorNote } from "../ui/QueryView";
import { Toasts } from "../ui/toasts";
import { Link } from "../url/Link";
import { usePath } from "../url/location";
import { match } from "../url/routes";
import { ROUTES } from "./routes";
import { Shell } from "./Shell";

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <SessionProvider>
        <Boundary>
          <Entrance />
        </Boundary>
        <Toasts />
      </SessionProvider>
    </QueryClientProvider>
  );
}

/** Where a one-time token becomes a password, whoever is signed in. */
const WELCOME = "/welcome";

function Entrance() {
  const { state, retry } = useSession();
  const path = usePath();
  if (path === WELCOME) return <Welcome />;
  if (state.status === "starting") return <div className="starting" role="status" aria-label="Loading" />;
  if (state.status === "unreachable") {
    return (
      <main className="entrance">
        <ErrorNote error={state.error} onRetry={retry} />
      </main>
    );
  }
  if (state.status === "signed out") return <SignIn notice={state.notice} />;
  return (
    <Shell>
      <Screen />
    </Shell>
  );
}

function Screen() {
  const path = usePath();
  for (const { path: pattern, screen: Component } of ROUTES) {
    const params = match(pattern, path);
    if (params) {
      return (
        <Boundary key={pattern}>
          <Suspense fallback={<div className="skeleton screen" role="status" aria-label="Loading" />}>
            <Component params={params} />
          </Suspense>
        </Boundary>
      );
    }
  }
  return (
    <Page title="Not found">
      <Empty title="There is no screen at this address.">
        <Link to="/">Home</Link>
      </Empty>
    </Page>
  );
}
