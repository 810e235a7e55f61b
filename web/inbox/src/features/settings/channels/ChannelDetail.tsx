import { plural } from "@lingui/core/macro";
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
import { Imports } from "./Imports.tsx";
import { useHealthSentence } from "./sentences.ts";
import { TeamSelect } from "./TeamSelect.tsx";
import { ToneMark } from "./ToneMark.tsx";

const LIST = "/settings/channels";
/** What the server takes at most. */
const REOPEN_DAYS_MAX = 365;
const UNDO_SECONDS_MAX = 60;
/** Providers tell time to the second, and an answer takes its own. */
const SKEW_SHOWN_S = 30;
const RATE_MIN = 0.01;
const RATE_MAX = 1000;

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
            <Arrival channel={channel} title={title} may={may} />
            <RateForm channel={channel} may={may} title={title} />
            <PriceForm channel={channel} may={may} />
            <Imports channel={channel} title={title} may={may} />
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

/** How fast the number sends. Empty: as its provider allows numbers of its kind. */
function RateForm({ channel, may, title }: { channel: Channel; may: boolean; title: string }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const { rate } = channel.settings;
  const shown = (value: number) => (rate.is_usual ? "" : String(value));
  const form = useForm({
    initial: { messages: shown(rate.messages_per_second), segments: shown(rate.segments_per_second) },
    check: ({ messages, segments }) => {
      const wrong = t`A number from ${RATE_MIN} to ${RATE_MAX}, or nothing.`;
      return {
        messages: perSecond(messages) === null ? wrong : null,
        segments: perSecond(segments) === null ? wrong : null,
      };
    },
    submit: async ({ messages, segments }) => {
      const one = perSecond(messages) || perSecond(segments) || 0;
      const body =
        one === 0
          ? { rate: null }
          : {
              rate: {
                messages_per_second: perSecond(messages) || one,
                segments_per_second: perSecond(segments) || one,
              },
            };
      desk.putRow("channels", await client.patch<Channel>(`/channels/${channel.id}`, body));
      showToast({ id: "channel", text: t`Saved` });
    },
  });
  const usual = String(rate.usual);
  return (
    <form className={settings.card} {...form.attributes} aria-labelledby="channel-rate">
      <h2 id="channel-rate">{t`How fast it sends`}</h2>
      <p>
        {plural(rate.usual, {
          one: `${title} sends # segment a second from a number of this kind. What is over it waits its turn here. If your campaign was given another rate, enter it.`,
          other: `${title} sends # segments a second from a number of this kind. What is over it waits its turn here. If your campaign was given another rate, enter it.`,
        })}
      </p>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <div className={settings.pair}>
        <TextField
          label={t`Texts per second`}
          placeholder={usual}
          inputMode="decimal"
          autoComplete="off"
          disabled={!may}
          {...form.text("messages")}
        />
        <TextField
          label={t`Segments per second`}
          placeholder={usual}
          inputMode="decimal"
          autoComplete="off"
          disabled={!may}
          {...form.text("segments")}
        />
      </div>
      {may && (
        <div className={settings.buttons}>
          <Button type="submit" busy={form.busy}>{t`Save`}</Button>
        </div>
      )}
    </form>
  );
}

/** Where nothing was said yet. */
const CURRENCY = "USD";
const PRICE_MAX = 100_000;

/** What a segment costs, so that the composer can say what a text will. Empty: nobody says. */
function PriceForm({ channel, may }: { channel: Channel; may: boolean }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const { price } = channel.settings;
  const form = useForm({
    initial: { per_segment: price === null ? "" : String(price.per_segment), currency: price?.currency ?? CURRENCY },
    check: ({ per_segment, currency }) => {
      const amount = Number(per_segment.trim());
      return {
        per_segment: amount >= 0 && amount <= PRICE_MAX ? null : t`A number from 0 to ${PRICE_MAX}, or nothing.`,
        currency: /^[a-z]{3}$/i.test(currency.trim()) ? null : t`Three letters, such as USD.`,
      };
    },
    submit: async ({ per_segment, currency }) => {
      const body =
        per_segment.trim() === "" ? { price: null } : { price: { per_segment: Number(per_segment.trim()), currency } };
      desk.putRow("channels", await client.patch<Channel>(`/channels/${channel.id}`, body));
      showToast({ id: "channel", text: t`Saved` });
    },
  });
  return (
    <form className={settings.card} {...form.attributes} aria-labelledby="channel-price">
      <h2 id="channel-price">{t`What it costs`}</h2>
      <p>{t`As your contract says. The composer then tells about what a text will cost before it is sent.`}</p>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <div className={settings.pair}>
        <TextField
          label={t`Price of a segment`}
          placeholder="0.0079"
          inputMode="decimal"
          autoComplete="off"
          disabled={!may}
          {...form.text("per_segment")}
        />
        <TextField label={t`Currency`} maxLength={3} autoComplete="off" disabled={!may} {...form.text("currency")} />
      </div>
      {may && (
        <div className={settings.buttons}>
          <Button type="submit" busy={form.busy}>{t`Save`}</Button>
        </div>
      )}
    </form>
  );
}

/** A rate; 0 where nothing was entered, null where it is none. */
function perSecond(text: string): number | null {
  if (text.trim() === "") return 0;
  const number = Number(text.trim());
  return number >= RATE_MIN && number <= RATE_MAX ? number : null;
}

/** How texts come in: the addresses that the provider must call, or why it is asked instead; and the word to change that. */
function Arrival({ channel, title, may }: { channel: Channel; title: string; may: boolean }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const names: Record<string, string> = { message: t`When a text comes in`, status: t`For what became of ours` };
  const reachable = Object.keys(channel.webhooks).length > 0;
  const called = channel.mode === "webhooks";
  const elsewhere = channel.webhook_elsewhere;
  const form = useForm({
    initial: {},
    submit: async () =>
      desk.putRow("channels", await client.patch<Channel>(`/channels/${channel.id}`, { set_webhooks: !called })),
  });
  return (
    <section className={settings.card}>
      <h2>{t`How texts come in`}</h2>
      {called && <p>{t`${title} calls this server the moment something happens.`}</p>}
      {!called && !reachable && (
        <p>{t`This server asks ${title} every few seconds, because ${title} can’t call it: it has no public https address. Nothing at ${title} was changed.`}</p>
      )}
      {!called && reachable && <p>{t`This server asks ${title} every few seconds.`}</p>}
      <Reading channel={channel} title={title} />
      {elsewhere !== null && (
        <dl className={css.hooks}>
          <div>
            <dt>{t`At ${title} the number reports to`}</dt>
            <dd>
              <CopyText text={elsewhere} name={t`The other address`} />
            </dd>
          </div>
        </dl>
      )}
      {reachable && (
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
      {may && reachable && (
        <form {...form.attributes} className={css.there}>
          {form.faults.form !== null && (
            <Notice tone="danger" alert>
              {form.faults.form}
            </Notice>
          )}
          <Button type="submit" compact busy={form.busy}>
            {called ? t`Fetch texts instead` : t`Let ${title} call this server`}
          </Button>
          <span className={css.small}>
            {called
              ? t`The number then reports where it did before. Nothing is lost in between.`
              : elsewhere === null
                ? t`Texts then come in at once.`
                : t`The number then no longer reports to the other address.`}
          </span>
        </form>
      )}
    </section>
  );
}

/** When the provider was last asked, what went wrong, and whether the clocks agree. */
function Reading({ channel, title }: { channel: Channel; title: string }) {
  const { t } = useLingui();
  const { reading } = channel;
  if (reading === null) return null;
  const skew = Math.round(Math.abs(reading.clock_skew_ms ?? 0) / 1_000);
  return (
    <>
      {reading.error !== null && (
        <Notice tone="warn" title={t`${title} could not be asked`}>
          {reading.read_to === null
            ? t`It is tried again by itself.`
            : t`It is tried again by itself. Everything up to ${fullWhen(new Date(reading.read_to))} is here.`}
        </Notice>
      )}
      {skew > SKEW_SHOWN_S && (
        <Notice tone="warn" title={t`The clocks differ`}>
          {t`This server’s clock and that of ${title} are ${skew} seconds apart. Nothing is lost by it, but times may look wrong; set this server’s clock.`}
        </Notice>
      )}
    </>
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
      ? t`Nothing more comes in or goes out through ${number}. Its conversations stay. At ${title} its webhook still names this server; to let it report where it did before, choose “Fetch texts instead” first.`
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
