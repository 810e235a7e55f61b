import { useLingui } from "@lingui/react/macro";
import type { Channel, Connection } from "@partyline/kit/api";
import { fullWhen, readableNumber } from "@partyline/kit/i18n";
import { useApp, useForm, useMay, useTeams } from "@partyline/kit/react";
import { Button, ChannelMark, CopyText, Dialog, Field, Notice, showToast, TextField } from "@partyline/kit/ui";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { HeldOfChannel } from "../held/HeldOfChannel.tsx";
import { PageHead } from "../PageParts.tsx";
import settings from "../settings.module.css";
import css from "./channels.module.css";
import { healthOf } from "./health.ts";
import { useHealthSentence } from "./sentences.ts";
import { TeamSelect } from "./TeamSelect.tsx";
import { ToneMark } from "./ToneMark.tsx";

const LIST = "/settings/channels";
/** What the server takes at most. */
const REOPEN_DAYS_MAX = 365;
const UNDO_SECONDS_MAX = 60;

/** `title` is the provider's name for people; `level` the rank of its heading. */
type Props = { channel: Channel; connection: Connection | undefined; title: string; level: 1 | 2 };

export function ChannelDetail({ channel, connection, title, level }: Props) {
  const { t } = useLingui();
  const may = useMay("channels.manage");
  const team = useTeams().find(({ id }) => id === channel.team_id);
  const sentence = useHealthSentence();
  const health = healthOf(channel, connection);
  const where = team ? t`goes to ${team.name}` : t`goes to no team`;
  const number = readableNumber(channel.address);
  return (
    <>
      <PageHead
        title={channel.name}
        back={LIST}
        beside
        level={level}
        aside={
          <span className={css.aside}>
            <ChannelMark kind={channel.kind} />
            <span className="num">{number}</span>
            <span>{title}</span>
            <span>{where}</span>
          </span>
        }
        lead={
          <p className={css.status}>
            <ToneMark tone={health.tone} />
            <span data-tip={channel.last_inbound_at === null ? undefined : fullWhen(new Date(channel.last_inbound_at))}>
              {sentence(health, channel, title)}
            </span>
            {health.code === "refused" && may && connection && (
              <Link href={`/settings/connections/${connection.id}`}>{t`Enter new ones`}</Link>
            )}
          </p>
        }
      />
      <div className={settings.body}>
        {may && <HeldOfChannel channel={channel} />}
        <div className={css.columns}>
          <ChannelForm channel={channel} may={may} />
          <div className={css.column}>
            <Arrival channel={channel} title={title} />
            <section className={settings.card}>
              <h2>{t`Who answers STOP`}</h2>
              <p>
                {channel.settings.provider_answers_stop
                  ? t`${title} answers STOP, START and HELP on this number. They are recorded here, and nobody can text a person who said STOP.`
                  : t`This server answers STOP, START and HELP. They are recorded, and nobody can text a person who said STOP.`}
              </p>
            </section>
            {connection && (
              <section className={settings.card}>
                <h2>{t`Account`}</h2>
                <p>
                  <Link href={`/settings/connections/${connection.id}`}>{connection.name}</Link>
                </p>
              </section>
            )}
          </div>
        </div>
        {may && <Removal channel={channel} title={title} />}
      </div>
    </>
  );
}

function ChannelForm({ channel, may }: { channel: Channel; may: boolean }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const teams = useTeams();
  const form = useForm({
    initial: {
      name: channel.name,
      team_id: channel.team_id,
      reopen_days: String(channel.settings.reopen_days),
      undo_seconds: String(channel.settings.undo_seconds),
    },
    check: ({ name, reopen_days, undo_seconds }) => ({
      name: name.trim() === "" ? t`Write what the team calls this number.` : null,
      reopen_days:
        whole(reopen_days, REOPEN_DAYS_MAX) === null ? t`A whole number from 0 to ${REOPEN_DAYS_MAX}.` : null,
      undo_seconds:
        whole(undo_seconds, UNDO_SECONDS_MAX) === null ? t`A whole number from 0 to ${UNDO_SECONDS_MAX}.` : null,
    }),
    submit: async (values) => {
      const body = { ...values, reopen_days: Number(values.reopen_days), undo_seconds: Number(values.undo_seconds) };
      desk.putRow("channels", await client.patch<Channel>(`/channels/${channel.id}`, body));
      showToast({ id: "channel", text: t`Saved` });
    },
  });
  return (
    <form className={settings.card} {...form.attributes} aria-labelledby="channel-settings">
      <h2 id="channel-settings">{t`Settings`}</h2>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <TextField
        label={t`Name`}
        hint={t`The team sees it beside what comes in`}
        disabled={!may}
        autoComplete="off"
        {...form.text("name")}
      />
      <Field label={t`New conversations go to`} fault={form.faults.fields.team_id}>
        {({ id }) => (
          <TeamSelect
            id={id}
            value={form.values.team_id}
            onChange={(team) => form.set("team_id", team)}
            teams={teams}
            none
            disabled={!may}
          />
        )}
      </Field>
      <div className={settings.pair}>
        <TextField
          label={t`Reopens within, in days`}
          hint={t`A text after that begins a new conversation`}
          inputMode="numeric"
          disabled={!may}
          {...form.text("reopen_days")}
        />
        <TextField
          label={t`Undo, in seconds`}
          hint={t`How long a reply can be taken back`}
          inputMode="numeric"
          disabled={!may}
          {...form.text("undo_seconds")}
        />
      </div>
      {may && (
        <div className={settings.buttons}>
          <Button type="submit" look="primary" busy={form.busy}>{t`Save`}</Button>
        </div>
      )}
    </form>
  );
}

/** A whole number from 0 to `most`, or null. */
function whole(text: string, most: number): number | null {
  const number = Number(text);
  return /^\d+$/.test(text.trim()) && number <= most ? number : null;
}

/** How texts come in: the addresses that the provider must call, or why it is asked instead. */
function Arrival({ channel, title }: { channel: Channel; title: string }) {
  const { t } = useLingui();
  const names: Record<string, string> = { message: t`When a text comes in`, status: t`For what became of ours` };
  return (
    <section className={settings.card}>
      <h2>{t`How texts come in`}</h2>
      {channel.mode === "webhooks" ? (
        <p>{t`${title} calls this server the moment something happens.`}</p>
      ) : (
        <p>{t`This server asks ${title} every few seconds, because ${title} can't call it: it has no public https address. Nothing at ${title} was changed.`}</p>
      )}
      {Object.keys(channel.webhooks).length > 0 && (
        <dl className={css.hooks}>
          {Object.entries(channel.webhooks).map(([kind, address]) => (
            <div key={kind}>
              <dt>{names[kind] ?? kind}</dt>
              <dd>
                <CopyText text={address} name={names[kind] ?? kind} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Removal({ channel, title }: { channel: Channel; title: string }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { client, desk } = useApp();
  const [asking, setAsking] = useState(false);
  const number = readableNumber(channel.address);
  const form = useForm({
    initial: {},
    submit: async () => {
      await client.delete(`/channels/${channel.id}`);
      desk.removeRow("channels", channel.id);
      showToast({ id: "channel", text: t`${number} is no longer connected` });
      navigate(LIST);
    },
  });
  const lead =
    channel.mode === "webhooks"
      ? t`Nothing more comes in or goes out through ${number}. Its conversations stay. At ${title} its webhook still names this server; change it there.`
      : t`Nothing more comes in or goes out through ${number}. Its conversations stay.`;
  return (
    <div>
      <Button tone="danger" onClick={() => setAsking(true)}>{t`Remove this channel`}</Button>
      {asking && (
        <Dialog title={t`Remove ${channel.name}?`} lead={lead} onClose={() => setAsking(false)}>
          <form {...form.attributes}>
            {form.faults.form !== null && (
              <Notice tone="danger" alert>
                {form.faults.form}
              </Notice>
            )}
            <div className={settings.buttons}>
              <Button type="submit" tone="danger" busy={form.busy}>{t`Remove it`}</Button>
              <span />
              <Button data-autofocus onClick={() => setAsking(false)}>{t`Cancel`}</Button>
            </div>
          </form>
        </Dialog>
      )}
    </div>
  );
}
