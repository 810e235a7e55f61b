import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type HeldPayload, type HeldWhole, type Id } from "@partyline/kit/api";
import { byteSize, fullWhen, readableNumber } from "@partyline/kit/i18n";
import { useApp, useChannels, useConnections, useHeldChanges, useUsers } from "@partyline/kit/react";
import { Button, IconButton, Notice } from "@partyline/kit/ui";
import { Check, Copy, RotateCw } from "@partyline/kit/ui/icons";
import { useCallback, useEffect, useState } from "react";
import { Link } from "wouter";
import { Missing, NotLoaded, PageHead, Waiting } from "../PageParts.tsx";
import settings from "../settings.module.css";
import css from "./held.module.css";
import { payloadLines } from "./payload.ts";
import { useHeldWords } from "./sentences.ts";
import { HELD, heldPath } from "./states.ts";
import { useReplay } from "./useReplay.ts";

type Loaded = { state: "loading" | "failed" | "gone" } | { state: "ready"; held: HeldWhole };

/** One held message: why, what it brought, and the ways on. */
export function HeldDetail({ id }: { id: Id }) {
  const { t } = useLingui();
  const { client } = useApp();
  const changes = useHeldChanges();
  const [loaded, setLoaded] = useState<Loaded>({ state: "loading" });
  const load = useCallback(
    () =>
      client.get<HeldWhole>(`/inbound/${id}`).then(
        ({ data }) => setLoaded({ state: "ready", held: data }),
        (problem: unknown) =>
          setLoaded((before) =>
            problem instanceof ApiProblem && [403, 404].includes(problem.status)
              ? { state: "gone" }
              : before.state === "ready"
                ? before
                : { state: "failed" },
          ),
      ),
    [client, id],
  );
  useEffect(() => {
    if (changes >= 0) void load();
  }, [load, changes]);
  switch (loaded.state) {
    case "loading":
      return <Waiting />;
    case "failed":
      return <NotLoaded again={() => void load()} />;
    case "gone":
      return <Missing what={t`Held message`} back={HELD} />;
    case "ready":
      return <Whole held={loaded.held} onChange={(held) => setLoaded({ state: "ready", held })} />;
  }
}

function Whole({ held, onChange }: { held: HeldWhole; onChange: (held: HeldWhole) => void }) {
  const { t } = useLingui();
  const words = useHeldWords();
  const { busy, replay, dismiss } = useReplay();
  const channels = useChannels();
  const connected = channels.some(
    ({ address, connection_id }) => address === held.address && connection_id === held.connection_id,
  );
  const done = (changed: HeldWhole | null) => changed !== null && onChange(changed);
  return (
    <>
      <PageHead
        title={words.why(held)}
        back={heldPath(held.state)}
        lead={words.hook(held.hook)}
        actions={
          held.state !== "replayed" &&
          held.payload !== null && (
            <div className={css.actions}>
              {held.state === "quarantined" && (
                <Button busy={busy} onClick={() => void dismiss(held.id).then(done)}>{t`Dismiss`}</Button>
              )}
              <Button look="primary" busy={busy} onClick={() => void replay(held.id).then(done)}>
                <RotateCw aria-hidden />
                {t`Replay`}
              </Button>
            </div>
          )
        }
      />
      <div className={settings.body}>
        <State held={held} way={words.way(held.reason, connected)} />
        <Facts held={held} />
        {held.payload !== null ? (
          <Payload payload={held.payload} size={held.size ?? 0} />
        ) : (
          <Notice title={t`What it brought was deleted`}>
            {t`Bytes are deleted 30 days after a message was replayed or dismissed: they hold what people said.`}
          </Notice>
        )}
      </div>
    </>
  );
}

/** Where it stands, and the way on. */
function State({ held, way }: { held: HeldWhole; way: string }) {
  const { t } = useLingui();
  const users = useUsers();
  const by = users.find(({ id }) => id === held.settled_by)?.name ?? null;
  const when = held.settled_at === null ? "" : fullWhen(new Date(held.settled_at));
  switch (held.state) {
    case "quarantined":
      return (
        <Notice tone="warn" title={t`It waits here`}>
          {way}
        </Notice>
      );
    case "replayed":
      return (
        <Notice
          tone="ok"
          title={by === null ? t`It came again by itself` : t`Replayed by ${by}`}
          actions={held.conversation_id !== null && <Link href={`/all/${held.conversation_id}`}>{t`Open`}</Link>}
        >
          {t`It is in its inbox since ${when}.`}
        </Notice>
      );
    case "dismissed":
      return (
        <Notice title={by === null ? t`Dismissed` : t`Dismissed by ${by}`}>
          {t`On ${when}. Replaying undoes it.`}
        </Notice>
      );
  }
}

function Facts({ held }: { held: HeldWhole }) {
  const { t } = useLingui();
  const connections = useConnections();
  const { loader } = useApp();
  useEffect(() => {
    // Without them a name is missing.
    loader.connections().catch(() => undefined);
  }, [loader]);
  const account = connections.find(({ id }) => id === held.connection_id);
  return (
    <dl className={settings.facts}>
      <dt>{t`Came`}</dt>
      <dd>{fullWhen(new Date(held.received_at))}</dd>
      {held.address !== null && (
        <>
          <dt>{t`To`}</dt>
          <dd className="num">{readableNumber(held.address)}</dd>
        </>
      )}
      {held.sender !== null && (
        <>
          <dt>{t`From`}</dt>
          <dd className="num">{held.sender}</dd>
        </>
      )}
      <dt>{t`Account`}</dt>
      <dd>
        {account === undefined ? (
          t`not connected any more`
        ) : (
          <Link href={`/settings/connections/${account.id}`}>{account.name}</Link>
        )}
      </dd>
      {held.error !== null && (
        <>
          <dt>{t`What went wrong`}</dt>
          <dd>
            <code>{held.error}</code>
          </dd>
        </>
      )}
    </dl>
  );
}

/** How long the tick stays, in ms. */
const TICK_MS = 2_000;

function Payload({ payload, size }: { payload: HeldPayload; size: number }) {
  const { t } = useLingui();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), TICK_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const raw = payload.text === "" ? payload.query : payload.text;
  const copy = () =>
    navigator.clipboard?.writeText(raw).then(
      () => setCopied(true),
      () => undefined,
    );
  return (
    <section className={css.payload} aria-label={t`What it brought`}>
      <header>
        <h2>{t`What it brought`}</h2>
        <span className={css.size}>{byteSize(size)}</span>
        {/* A page that came over plain http has no clipboard; the text can be selected. */}
        {navigator.clipboard !== undefined && (
          <IconButton compact label={copied ? t`Copied` : t`Copy it as it came`} onClick={() => void copy()}>
            {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
          </IconButton>
        )}
      </header>
      {/* It scrolls, so the keyboard has to reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>
        {payloadLines(payload).map(({ name, value }, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- lines have no other name, and never move
          <code key={at}>
            {name !== null && <span className={css.field}>{name}</span>}
            {name !== null && " = "}
            {value}
            {"\n"}
          </code>
        ))}
      </pre>
      {payload.cut && <p className={css.size}>{t`Only the beginning is shown.`}</p>}
    </section>
  );
}
