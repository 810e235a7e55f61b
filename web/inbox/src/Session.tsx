import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Keys, type Setup } from "@partyline/kit/api";
import { PicturesOfPeople, useApp, useMe } from "@partyline/kit/react";
import { showKeys, wantsSingleKeys } from "@partyline/kit/shortcuts";
import { Button, Mark } from "@partyline/kit/ui";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { forgetDrafts } from "./features/composer/index.ts";
import { MailboxPage } from "./features/mailbox/index.ts";
import { PAGES } from "./routes.tsx";
import { ServerTrouble } from "./ServerTrouble.tsx";
import css from "./Session.module.css";

const Notifier = lazy(async () => ({ default: (await import("./features/notifications/index.ts")).Notifier }));

type Phase = "asking" | "in" | "out" | "setup" | "unreachable";

/** Decides between the mailbox, the sign-in page and the first run. */
export function Session() {
  const { client, commands, desk, loader, live } = useApp();
  const me = useMe();
  const [phase, setPhase] = useState<Phase>("asking");

  const ask = useCallback(async () => {
    try {
      await loader.me();
      await loader.tables();
      setPhase("in");
    } catch (problem) {
      if (!(problem instanceof ApiProblem) || problem.status !== 401) return setPhase("unreachable");
      const { data } = await client.get<Setup>("/setup");
      setPhase(data.needed ? "setup" : "out");
    }
  }, [client, loader]);

  useEffect(() => {
    ask().catch(() => setPhase("unreachable"));
  }, [ask]);
  useEffect(
    () =>
      client.onSignedOut(() => {
        live.stop();
        desk.signOut();
        forgetDrafts();
        setPhase((before) => (before === "asking" ? before : "out"));
      }),
    [client, desk, live],
  );
  // A page that signs in or sets up puts `me` on the desk; the tables follow.
  useEffect(() => {
    if (me === null || phase === "in" || phase === "asking") return;
    loader.tables().then(
      () => setPhase("in"),
      () => setPhase("unreachable"),
    );
  }, [me, phase, loader]);
  useEffect(() => {
    if (phase !== "in") return;
    live.start();
    return () => live.stop();
  }, [phase, live]);

  const keys = me?.settings.keys;
  const wanted = useMemo<Keys>(() => {
    // what was switched off in this browser, before keyboards were kept on the server, stays so until somebody chooses one
    const untouched = keys === undefined || (keys.preset === "default" && Object.keys(keys.own).length === 0);
    return untouched ? { preset: wantsSingleKeys() ? "default" : "modifiers", own: {} } : keys;
  }, [keys]);
  // Before what is below is drawn, which shows them.
  showKeys(wanted);
  useEffect(() => commands.setKeys(wanted), [commands, wanted]);

  if (phase === "unreachable") return <Unreachable onRetry={() => void ask().catch(() => setPhase("unreachable"))} />;
  if (phase === "asking" || (phase === "in" && me === null)) return <Blank />;
  return (
    <div className={css.frame}>
      <ServerTrouble />
      <div className={css.page}>
        <PicturesOfPeople>
          <Pages phase={phase} />
        </PicturesOfPeople>
      </div>
      {phase === "in" && (
        <Suspense fallback={null}>
          <Notifier />
        </Suspense>
      )}
    </div>
  );
}

function Pages({ phase }: { phase: "in" | "out" | "setup" }) {
  const [location] = useLocation();
  const signedIn = phase === "in";
  return (
    <Suspense fallback={<Blank />}>
      <Switch>
        {PAGES.filter(({ open }) => signedIn || open).map(({ path, open, page: Page }) => (
          <Route key={path} path={path}>
            {signedIn && open === true ? <Redirect to={afterSignIn()} replace /> : <Page />}
          </Route>
        ))}
        <Route>
          {signedIn ? (
            <MailboxPage />
          ) : (
            <Redirect to={phase === "setup" ? "/setup" : signInAddress(location)} replace />
          )}
        </Route>
      </Switch>
    </Suspense>
  );
}

/** The sign-in page comes back to where somebody wanted to go. */
function signInAddress(location: string): string {
  return location === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(location)}`;
}

function afterSignIn(): string {
  const to = new URLSearchParams(window.location.search).get("to");
  // Only a path of this app: "//elsewhere" would leave it.
  return to !== null && /^\/(?!\/)/.test(to) ? to : "/";
}

function Blank() {
  return <div className={css.blank} />;
}

function Unreachable({ onRetry }: { onRetry: () => void }) {
  const { t } = useLingui();
  return (
    <main className={css.centre}>
      <Mark size={32} />
      <h1 className={css.title}>{t`The server does not answer`}</h1>
      <p className={css.text}>{t`Nothing is lost. Check the network, or ask whoever runs this server.`}</p>
      <Button look="primary" onClick={onRetry}>{t`Try again`}</Button>
    </main>
  );
}
