import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { NotificationKind, NotificationPlaces, NotificationSettings } from "@partyline/kit/api";
import { useApp, useMe } from "@partyline/kit/react";
import { Button, Checkbox, Notice, showToast } from "@partyline/kit/ui";
import { useCallback, useEffect, useState } from "react";
import { Link } from "wouter";
import { type Push, pushState, subscribe, unsubscribe, useDesktop } from "../../notifications/index.ts";
import { NotLoaded, PageHead, Waiting } from "../PageParts.tsx";
import css from "../settings.module.css";
import { useLoaded } from "../useLoaded.ts";
import own from "./notifications.module.css";

const KINDS = [
  { kind: "mention", name: msg`Somebody mentions you or a team of yours` },
  { kind: "assigned", name: msg`Somebody puts you on a conversation` },
  { kind: "reply", name: msg`A customer writes in what is yours or what you follow` },
  { kind: "failed", name: msg`A message of yours does not arrive` },
  { kind: "task", name: msg`A task of yours is due, or somebody gives you one` },
] satisfies { kind: NotificationKind; name: unknown }[];
const PLACES = [
  { place: "app", name: msg`In the app` },
  { place: "desktop", name: msg`On the desktop` },
  { place: "push", name: msg`By push` },
  { place: "mail", name: msg`By mail` },
] satisfies { place: keyof NotificationPlaces; name: unknown }[];

/** What I want to be told of, and where. */
export function NotificationsPage() {
  const { t } = useLingui();
  const { client } = useApp();
  const load = useCallback(
    async () => (await client.get<NotificationSettings>("/notifications/settings")).data,
    [client],
  );
  const loaded = useLoaded(load);
  return (
    <>
      <PageHead title={t`Notifications`} lead={t`What you are told of, and where. It is yours alone.`} />
      {loaded.state === "failed" ? (
        <NotLoaded again={loaded.again} />
      ) : loaded.state === "loading" ? (
        <Waiting />
      ) : (
        <div className={css.body}>
          <div className={own.lines}>
            <DesktopLine />
            <PushLine />
          </div>
          <Wishes loaded={loaded.value} />
          <p className={css.small}>
            {t`You are not told of what you did yourself, of what you have muted, and of a conversation that is open on a screen of yours. While you are out of office everything waits in the app.`}
          </p>
          <p className={css.small}>
            {t`A letter comes when you have not been here for twenty minutes, at most once an hour.`}
          </p>
          <p>
            <Link href="/settings/profile">{t`Say when you are out of office`}</Link>
          </p>
        </div>
      )}
    </>
  );
}

/** Whether the desktop may show them. The browser asks, and only when it is wanted here. */
function DesktopLine() {
  const { t } = useLingui();
  const { desktop, ask } = useDesktop();
  if (desktop === "granted") return null;
  if (desktop === "default")
    return (
      <Notice
        title={t`This browser may not show them yet`}
        actions={<Button compact onClick={() => void ask()}>{t`Allow it`}</Button>}
      >
        {t`The desktop can show them while you look elsewhere.`}
      </Notice>
    );
  return (
    <Notice title={t`This browser does not show them`}>
      {desktop === "denied"
        ? t`It was told not to. Change that in its settings for this site.`
        : t`It needs an address that begins with https.`}
    </Notice>
  );
}

/** Whether this browser is told while the app is not open. */
function PushLine() {
  const { t } = useLingui();
  const { client } = useApp();
  const user = useMe()?.user.id;
  const [push, setPush] = useState<Push | null>(null);
  const [busy, setBusy] = useState(false);
  const look = useCallback(async () => {
    if (user !== undefined) setPush(await pushState(user).catch(() => "unable" as const));
  }, [user]);
  useEffect(() => void look(), [look]);
  if (push === null || user === undefined) return null;
  const on = push === "on";
  const change = async () => {
    setBusy(true);
    try {
      await (on ? unsubscribe(client, user) : subscribe(client, user));
    } catch {
      showToast({ id: "push", text: t`This browser takes no push. Its settings for this site may say why.` });
    }
    await look();
    setBusy(false);
  };
  switch (push) {
    case "unable":
      return (
        <Notice
          title={t`This browser can’t be told while the app is closed`}
        >{t`It takes no push here: it needs https, and a browser that knows push.`}</Notice>
      );
    case "install":
      return (
        <Notice
          title={t`Put Partyline on the home screen to be told while it is closed`}
        >{t`On an iPhone or iPad: Share, then Add to Home Screen. Open it from there, and come back to this page.`}</Notice>
      );
    case "denied":
      // the line of the desktop says so already
      return null;
    default:
      return (
        <Notice
          title={
            on ? t`This browser is told while the app is closed` : t`This browser is not told while the app is closed`
          }
          actions={
            <Button compact busy={busy} onClick={() => void change()}>
              {on ? t`Stop` : t`Push to this browser`}
            </Button>
          }
        >
          {t`What is pushed goes through the service of the browser’s maker, encrypted. It names who and whom, and not what was written, unless the workspace allows it.`}
        </Notice>
      );
  }
}

function Wishes({ loaded }: { loaded: NotificationSettings }) {
  const { t, i18n } = useLingui();
  const { client } = useApp();
  const [wishes, setWishes] = useState(loaded);
  const wish = async (kind: NotificationKind, place: keyof NotificationPlaces, told: boolean) => {
    const before = wishes;
    setWishes({ ...wishes, [kind]: { ...wishes[kind], [place]: told } });
    try {
      setWishes(await client.patch<NotificationSettings>("/notifications/settings", { [kind]: { [place]: told } }));
    } catch {
      setWishes(before);
      showToast({ id: "wishes", text: t`That could not be saved. Try again.` });
    }
  };
  return (
    <div className={`${css.table} ${own.wishes}`}>
      <table>
        <caption className="sr">{t`What you are told of, and where`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`When`}</th>
            {PLACES.map(({ place, name }) => (
              <th key={place} scope="col">
                {i18n._(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {KINDS.map(({ kind, name }) => (
            <tr key={kind}>
              <td>{i18n._(name)}</td>
              {PLACES.map(({ place, name: where }) => (
                <td key={place}>
                  <Checkbox
                    aria-label={`${i18n._(name)}: ${i18n._(where)}`}
                    checked={wishes[kind][place]}
                    onChange={(told) => void wish(kind, place, told)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
