import { Component, type ReactNode } from "react";
import { Button } from "./Button";

/** A screen that fails leaves the others working; a new version whose files are gone is loaded anew. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="note error" role="alert">
        <p>
          <strong>This screen cannot be shown.</strong> {error.message}
        </p>
        <Button onClick={() => window.location.reload()}>Load it again</Button>
      </div>
    );
  }
}
