import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { Channel, Import } from "@partyline/kit/api";
import { fullWhen, longDay, shortWhen, wholeNumber } from "@partyline/kit/i18n";
import { RequestKey, useApp, useForm, useImports, useMinute } from "@partyline/kit/react";
import { Button, Field, Notice, Select } from "@partyline/kit/ui";
import { CircleAlert, CircleCheck, CircleDashed, Undo } from "@partyline/kit/ui/icons";
import { useEffect, useState } from "react";
import settings from "../settings.module.css";
import { shareDone } from "./importProgress.ts";
import css from "./channels.module.css";

type Days = "7" | "30" | "90";

/** What the number said before it was connected here: brought in on request, with how far that has come. */
export function Imports({ channel, title, may }: { channel: Channel; title: string; may: boolean }) {
  const { t } = useLingui();
  const { loader } = useApp();
  const [failed, fail] = useState(false);
  const imports = useImports(channel.id);
  useEffect(() => {
    loader.imports(channel.id).then(
      () => fail(false),
      () => fail(true),
    );
  }, [loader, channel.id]);
  const running = imports?.find(({ status }) => status === "running");
  const past = imports?.filter(({ status }) => status !== "running") ?? [];
  return (
    <section className={settings.card} aria-labelledby={`past-${channel.id}`}>
      <h2 id={`past-${channel.id}`}>{t`Earlier texts`}</h2>
      {running ? (
        <Running one={running} title={title} may={may} />
      ) : (
        may && imports && <Begin channel={channel} title={title} again={past.length > 0} />
      )}
      {!failed && imports === undefined && <p>{t`One moment…`}</p>}
      {failed && imports === undefined && <p>{t`The earlier imports could not be read.`}</p>}
      {!may && imports?.length === 0 && <p>{t`Nothing was imported. An admin of the workspace can do that.`}</p>}
      {past.length > 0 && (
        <ul className={css.imports} aria-label={t`Imports so far`}>
          {past.slice(0, 5).map((one) => (
            <li key={one.id}>
              <Past one={one} title={title} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Begin({ channel, title, again }: { channel: Channel; title: string; again: boolean }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const [key] = useState(() => new RequestKey());
  const form = useForm({
    initial: { days: "90" as Days },
    submit: async ({ days }) => {
      const body = { days: Number(days) };
      const path = `/channels/${channel.id}/imports`;
      desk.putImport(await client.post<Import>(path, body, { idempotencyKey: key.for(body) }));
    },
  });
  return (
    <form {...form.attributes} className={css.begin} aria-labelledby={`past-${channel.id}`}>
      <p>
        {again
          ? t`Import once more: what is here already is not doubled.`
          : t`Bring in what was texted through this number before, both ways, from ${title}. It arrives closed: nothing becomes unread, and nobody is notified.`}
      </p>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <div className={css.beginLine}>
        <Field label={t`How far back`} fault={form.faults.fields.days}>
          {({ id }) => (
            <Select
              id={id}
              value={form.values.days}
              onChange={(days) => form.set("days", days)}
              options={[
                { value: "7", label: t`The last 7 days` },
                { value: "30", label: t`The last 30 days` },
                { value: "90", label: t`The last 90 days` },
              ]}
            />
          )}
        </Field>
        <Button type="submit" busy={form.busy}>{t`Import them`}</Button>
      </div>
    </form>
  );
}

function Running({ one, title, may }: { one: Import; title: string; may: boolean }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const now = new Date(useMinute());
  const form = useForm({
    initial: {},
    submit: async () => desk.putImport(await client.delete<Import>(`/channels/${one.channel_id}/imports/${one.id}`)),
  });
  const share = shareDone(one);
  const day = one.at === null ? null : longDay(new Date(one.at), now);
  return (
    <div className={css.running}>
      <p className={css.runningLine}>
        <span>{day === null ? t`Asking ${title}…` : t`Now at ${day}`}</span>
        <span className="num">
          <Plural value={one.imported} one="# text" other="# texts" />
        </span>
      </p>
      <progress className={css.progress} max={1} value={share} aria-label={t`How far the import has come`} />
      {one.error !== null && (
        <Notice tone="warn" title={t`${title} can’t be asked at the moment`}>
          {t`It goes on by itself from where it is.`}
        </Notice>
      )}
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <form {...form.attributes} className={css.runningLine}>
        <span className={css.small}>{t`It goes on when you leave this page.`}</span>
        {may && <Button type="submit" compact busy={form.busy}>{t`Stop it`}</Button>}
      </form>
    </div>
  );
}

function Past({ one, title }: { one: Import; title: string }) {
  const { t } = useLingui();
  const ended = new Date(one.ended_at ?? one.created_at);
  const when = shortWhen(ended, new Date(useMinute()));
  const known = one.found - one.imported;
  const count = wholeNumber(one.imported);
  const days = one.days;
  const lines = {
    done: { icon: <CircleCheck aria-hidden className={css.tone} />, word: t`${count} imported` },
    cancelled: { icon: <Undo aria-hidden className={css.tone} data-tone="none" />, word: t`Stopped after ${count}` },
    failed: {
      icon: <CircleAlert aria-hidden className={css.tone} data-tone="danger" />,
      word: t`Failed after ${count}`,
    },
    running: { icon: <CircleDashed aria-hidden className={css.tone} />, word: t`Running` },
  };
  const { icon, word } = lines[one.status];
  return (
    <>
      {icon}
      <div>
        <b>{word}</b>
        <span className={css.small} data-tip={fullWhen(ended)}>
          <Trans>
            the last {days} days · {when}
          </Trans>
        </span>
        {one.status === "done" && known > 0 && (
          <span className={css.small}>
            <Plural value={known} one="# was here already" other="# were here already" />
          </span>
        )}
        {one.status === "failed" && (
          <span className={css.small}>
            {one.error === "credentials_refused"
              ? t`${title} refuses the credentials of this account.`
              : t`${title} could not be asked for a long time. Import once more to go on.`}
          </span>
        )}
      </div>
    </>
  );
}
