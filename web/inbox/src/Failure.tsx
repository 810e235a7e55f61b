import { Trans } from "@lingui/react/macro";
import { Button, Mark } from "@partyline/kit/ui";
import { Component, type ReactNode } from "react";
import css from "./Session.module.css";

/** A second reload within this long, in ms, would not help either. */
const RELOAD_AGAIN_MS = 60_000;
const RELOADED_KEY = "partyline.reloaded";

/** A part of the app could not be fetched. What is only fetched ahead may be missing without harm. */
let missed = false;
addEventListener("vite:preloadError", () => {
  missed = true;
});

/** After an update the old parts are gone from the server: the page begins anew. Not while the server does not answer. */
async function beginAnew(): Promise<void> {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  const now = Date.now();
  if (!answer?.ok || now - Number(sessionStorage.getItem(RELOADED_KEY)) < RELOAD_AGAIN_MS) return;
  sessionStorage.setItem(RELOADED_KEY, String(now));
  location.reload();
}

/** Stands in for the app when it breaks, or when a part of it can't be fetched any more because the server has a newer one. */
export class Failure extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(): void {
    if (missed) void beginAnew();
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
