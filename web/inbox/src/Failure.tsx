import { Trans } from "@lingui/react/macro";
import { Button, Mark } from "@partyline/kit/ui";
import { Component, type ReactNode } from "react";
import css from "./Session.module.css";

/** Stands in for the app when it breaks, or when a part of it can't be fetched any more because the server has a newer one. */
export class Failure extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <main className={css.centre} role="alert">
        <Mark size={32} />
        <h1 className={css.title}>
          <Trans>This page has stopped working</Trans>
        </h1>
        <p className={css.text}>
          <Trans>Nothing is lost: what you were writing is kept in this browser. Load the page again.</Trans>
        </p>
        <Button look="primary" onClick={() => location.reload()}>
          <Trans>Load again</Trans>
        </Button>
      </main>
    );
  }
}
