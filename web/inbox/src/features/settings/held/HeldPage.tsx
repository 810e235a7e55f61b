import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Held, HeldGroup, HeldState } from "@partyline/kit/api";
import { fullWhen, shortWhen } from "@partyline/kit/i18n";
import { useApp, useChannels, useConnections, useHeldGroups, useMay, useMinute, useUsers } from "@partyline/kit/react";
import { Button, Notice } from "@partyline/kit/ui";
import { Archive, CircleCheck, MailWarning, RotateCw, TriangleAlert } from "@partyline/kit/ui/icons";
import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { NotLoaded, PageHead, Waiting } from "../PageParts.tsx";
import settings from "../settings.module.css";
import css from "./held.module.css";
import { useHeldWords } from "./sentences.ts";
import { HELD, HELD_STATES, heldPath } from "./states.ts";
import { useHeldPage } from "./useHeldPage.ts";
import { useReplay } from "./useReplay.ts";

/** What came in and could not go to an inbox: those that are alike together with the way on, then each by itself. */
export function HeldPage({ state }: { state: HeldState }) {
  const { t } = useLingui();
  const may = useMay("channels.manage");
  const list = useHeldPage(state);
  const groups = useHeldGroups();
  if (!may) {
    return (
      <>
        <PageHead title={t`Held messages`} />
        <div className={settings.body}>
          <Notice title={t`Only admins see what is held`}>{t`Ask an admin of the workspace.`}</Notice>
        </div>
      </>
    );
  }
  return (
    <>
      <PageHead title={t`Held messages`} lead={t`What came in and could not go to an inbox. Nothing of it is lost.`} />
      <Tabs state={state} groups={groups} />
      {list.state === "loading" && <Waiting />}
      {list.state === "failed" && <NotLoaded again={list.again} />}
      {list.state === "ready" && list.rows.length === 0 && <Empty state={state} />}
      {list.state === "ready" && list.rows.length > 0 && (
        <div className={settings.body}>
          {state === "quarantined" && groups !== null && groups.length > 0 && <Groups groups={groups} />}
          <HeldTable rows={list.rows} state={state} />
          {list.more !== null && <More more={list.more} />}
        </div>
      )}
    </>
  );
}

function Tabs({ state: here, groups }: { state: HeldState; groups: readonly HeldGroup[] | null }) {
  const { t } = useLingui();
  const words = useHeldWords();
  const waiting = groups?.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <nav className={css.tabs} aria-label={t`Which of them`}>
      {HELD_STATES.map((state) => (
        <Link
          key={state}
          href={heldPath(state)}
          className={css.tab}
          aria-current={state === here ? "page" : undefined}
          replace
        >
          {words.state(state)}
          {state === "quarantined" && waiting > 0 && <span className={css.number}>{waiting}</span>}
        </Link>
      ))}
    </nav>
  );
}

function Groups({ groups }: { groups: readonly HeldGroup[] }) {
  const { t } = useLingui();
  return (
    <ul className={css.groups} aria-label={t`Alike`}>
      {groups.map((group) => (
        <Group key={`${group.reason} ${group.connection_id} ${group.address}`} group={group} />
      ))}
    </ul>
  );
}

function Group({ group }: { group: HeldGroup }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const words = useHeldWords();
  const channels = useChannels();
  const { busy, replayAll } = useReplay();
  const connected = channels.some(
    ({ address, connection_id }) => address === group.address && connection_id === group.connection_id,
  );
  const missing = group.reason === "no_channel" && !connected;
  const count = plural(group.count, { one: "# message", other: "# messages" });
  return (
    <li className={css.group}>
      <TriangleAlert aria-hidden />
      <div className={css.groupText}>
        <b>
          {words.why(group)}
          <span className={css.count}>{count}</span>
        </b>
        <p>{words.way(group.reason, connected)}</p>
      </div>
      <div className={css.ways}>
        {missing && (
          <Button compact onClick={() => navigate("/settings/channels/new")}>
            {t`Connect the number`}
          </Button>
        )}
        {!missing && (
          <Button compact busy={busy} onClick={() => void replayAll(group)}>
            <RotateCw aria-hidden />
            {group.count === 1 ? t`Replay` : t`Replay all`}
          </Button>
        )}
      </div>
    </li>
  );
}

function HeldTable({ rows, state }: { rows: readonly Held[]; state: HeldState }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { loader } = useApp();
  const words = useHeldWords();
  const connections = useConnections();
  const users = useUsers();
  const now = new Date(useMinute());
  useEffect(() => {
    // Without them a name is missing.
    loader.connections().catch(() => undefined);
  }, [loader]);
  const account = new Map(connections.map(({ id, name }) => [id, name]));
  const person = new Map(users.map(({ id, name }) => [id, name]));
  const settled = state !== "quarantined";
  return (
    <div className={settings.table}>
      <table>
        <caption className="sr">{words.state(state)}</caption>
        <thead>
          <tr>
            <th scope="col">{t`Came`}</th>
            <th scope="col">{t`Why it is held`}</th>
            <th scope="col" data-more>{t`From`}</th>
            <th scope="col" data-more>
              {settled ? t`Seen to` : t`Account`}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((held) => (
            // The link in the row does the same for the keyboard.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
            <tr key={held.id} data-link onClick={() => navigate(`${HELD}/${held.id}`)}>
              <td className={css.when} data-tip={fullWhen(new Date(held.received_at))}>
                {shortWhen(new Date(held.received_at), now)}
              </td>
              <td>
                <Link href={`${HELD}/${held.id}`} className={css.why} onClick={(event) => event.stopPropagation()}>
                  {words.why(held)}
                </Link>
                <span className={settings.small}>{words.hook(held.hook)}</span>
              </td>
              <td data-more className="num">
                {held.sender ?? "–"}
              </td>
              <td data-more>
                {settled && held.settled_at !== null ? (
                  <span data-tip={fullWhen(new Date(held.settled_at))}>
                    {held.settled_by === null ? t`by itself` : (person.get(held.settled_by) ?? t`somebody`)}
                    <span className={settings.small}>{shortWhen(new Date(held.settled_at), now)}</span>
                  </span>
                ) : (
                  (account.get(held.connection_id) ?? "–")
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function More({ more }: { more: () => Promise<void> }) {
  const { t } = useLingui();
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    await more();
    setBusy(false);
  };
  return (
    <div>
      <Button busy={busy} onClick={() => void go()}>{t`Show more`}</Button>
    </div>
  );
}

function Empty({ state }: { state: HeldState }) {
  const { t } = useLingui();
  const { Icon, title, text } = {
    quarantined: {
      Icon: CircleCheck,
      title: t`Nothing is held`,
      text: t`Everything that came in is in an inbox. What can’t be delivered one day waits here, with its reason.`,
    },
    replayed: {
      Icon: MailWarning,
      title: t`Nothing was replayed yet`,
      text: t`What you replay goes to its inbox and stays listed here.`,
    },
    dismissed: {
      Icon: Archive,
      title: t`Nothing was dismissed`,
      text: t`What you dismiss is kept here, and can still be replayed for 30 days.`,
    },
  }[state];
  return (
    <div className={css.empty}>
      <Icon aria-hidden data-ok={state === "quarantined" || undefined} />
      <h2>{title}</h2>
      <p>{text}</p>
    </div>
  );
}
