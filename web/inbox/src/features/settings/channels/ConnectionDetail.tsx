import { Plural, useLingui } from "@lingui/react/macro";
import type { Channel, Connection, Provider } from "@partyline/kit/api";
import { clockTime, fullWhen, readableNumber } from "@partyline/kit/i18n";
import { useApp, useForm, useMay, useMinute } from "@partyline/kit/react";
import { Button, Notice, showToast, TextField } from "@partyline/kit/ui";
import { Link } from "wouter";
import { isRefusal } from "../../conversation/index.ts";
import { PageHead } from "../PageParts.tsx";
import settings from "../settings.module.css";
import css from "./channels.module.css";
import { CredentialFields, useFieldFaults } from "./CredentialFields.tsx";
import { checkFields, entered } from "./credentials.ts";

type Props = { connection: Connection; provider: Provider | undefined; channels: readonly Channel[] };

export function ConnectionDetail({ connection, provider, channels }: Props) {
  const { t } = useLingui();
  const may = useMay("channels.manage");
  const title = provider?.title ?? connection.provider;
  const until = connection.previous_secret_until === null ? null : new Date(connection.previous_secret_until);
  const now = useMinute();
  const rotating = until !== null && until.getTime() > now;
  const failures = connection.signature_failures;
  return (
    <>
      <PageHead title={connection.name} lead={t`Account at ${title}`} back="/settings/channels" beside />
      <div className={settings.body}>
        {connection.status === "refused" && (
          <Notice
            tone="danger"
            title={t`${title} refuses these credentials`}
          >{t`Nothing comes in or goes out through its numbers. Enter new ones below.`}</Notice>
        )}
        {connection.health.breaker !== "closed" ? (
          <Outage connection={connection} title={title} />
        ) : (
          connection.status === "unreachable" && (
            <Notice tone="warn" title={t`${title} can’t be reached`}>{t`It is tried again by itself.`}</Notice>
          )
        )}
        {failures > 0 && (
          <Notice
            tone="warn"
            title={
              <Plural value={failures} one="# webhook had a wrong signature" other="# webhooks had a wrong signature" />
            }
          >
            {t`They were refused and nothing of them was kept. If texts are missing, the auth token here is not the account’s; else somebody else knocked.`}
          </Notice>
        )}
        <div className={css.columns}>
          <div className={css.column}>
            {may && <Rename connection={connection} />}
            {may && provider && <Rotation connection={connection} provider={provider} />}
          </div>
          <div className={css.column}>
            <section className={settings.card}>
              <h2>{t`What is known`}</h2>
              <dl className={settings.facts}>
                <dt>{t`Account`}</dt>
                <dd className="num">{connection.account_id ?? t`unknown`}</dd>
                {connection.api_base_url !== null && (
                  <>
                    <dt>{t`API address`}</dt>
                    <dd>{connection.api_base_url}</dd>
                  </>
                )}
                <dt>{t`Connected`}</dt>
                <dd>{fullWhen(new Date(connection.created_at))}</dd>
                {rotating && (
                  <>
                    <dt>{t`Replaced secret`}</dt>
                    <dd>{t`still proves webhooks until ${fullWhen(until)}`}</dd>
                  </>
                )}
              </dl>
            </section>
            <section className={settings.card}>
              <h2>{t`Its numbers`}</h2>
              {channels.length === 0 && <p>{t`None is connected.`}</p>}
              <ul className={css.numbers}>
                {channels.map(({ id, name, address }) => (
                  <li key={id}>
                    <Link href={`/settings/channels/${id}`}>{name}</Link>
                    <span className="num">{readableNumber(address)}</span>
                  </li>
                ))}
              </ul>
            </section>
          </div>
        </div>
      </div>
    </>
  );
}

/** Texts wait: since when, why, and when the next one tries. */
function Outage({ connection, title }: { connection: Connection; title: string }) {
  const { t } = useLingui();
  const { breaker, since, retry_at, reason } = connection.health;
  const refused = isRefusal(connection.health);
  const began = since ? fullWhen(new Date(since)) : null;
  const next = retry_at ? clockTime(new Date(retry_at)) : null;
  const why: Record<string, string> = {
    provider_unreachable: t`No connection could be made from this server.`,
    provider_no_answer: t`It does not answer as it should.`,
    provider_busy: t`It asks to be asked less often.`,
  };
  return (
    <Notice
      tone="warn"
      title={
        refused
          ? t`Texts wait until ${title} lets this account in`
          : began === null
            ? t`${title} can’t be reached`
            : t`${title} can’t be reached since ${began}`
      }
    >
      {refused
        ? t`None is lost: they go out by themselves then.`
        : `${why[reason ?? ""] ?? ""} ${t`Texts wait, and go out by themselves as soon as it is back.`}`}{" "}
      {breaker === "half_open" ? t`One of them tries right now.` : next !== null && t`The next one tries at ${next}.`}
    </Notice>
  );
}

function Rename({ connection }: { connection: Connection }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const form = useForm({
    initial: { name: connection.name },
    check: ({ name }) => ({ name: name.trim() === "" ? t`Write what the team calls this account.` : null }),
    submit: async (body) => {
      desk.putRow("connections", await client.patch<Connection>(`/connections/${connection.id}`, body));
      showToast({ id: "connection", text: t`Saved` });
    },
  });
  return (
    <form className={settings.card} {...form.attributes} aria-label={t`Rename`}>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <TextField label={t`Name`} autoComplete="off" {...form.text("name")} />
      <div className={settings.buttons}>
        <Button type="submit" busy={form.busy}>{t`Rename`}</Button>
      </div>
    </form>
  );
}

/** New credentials. What is left empty stays as it is, because secrets are never shown. */
function Rotation({ connection, provider }: { connection: Connection; provider: Provider }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const faultSentences = useFieldFaults();
  const { fields, title } = provider;
  const empty = Object.fromEntries(fields.map(({ name }) => [name, ""]));
  const form = useForm<Record<string, string>>({
    initial: empty,
    check: (values) => {
      const optional = fields.map((field) => ({ ...field, required: false }));
      const nothing = Object.keys(entered(fields, values)).length === 0;
      const first = fields.find(({ secret }) => secret) ?? fields[0];
      if (nothing && first) return { [first.name]: t`Enter what has changed.` };
      return faultSentences(fields, checkFields(optional, values));
    },
    submit: async (values) => {
      const credentials = entered(fields, values);
      desk.putRow("connections", await client.patch<Connection>(`/connections/${connection.id}`, { credentials }));
      for (const { name } of fields) form.set(name, "");
      showToast({ id: "connection", text: t`${title} accepted the new credentials` });
    },
  });
  return (
    <form className={settings.card} {...form.attributes} aria-labelledby="rotation" autoComplete="off">
      <h2 id="rotation">{t`New credentials`}</h2>
      <p>{t`What you leave empty stays. They are tried at ${title} before they are kept; webhooks signed with the old ones are believed for another day.`}</p>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <CredentialFields fields={fields} bind={form.text} kept={(field) => (field.secret ? t`unchanged` : undefined)} />
      <div className={settings.buttons}>
        <Button type="submit" look="primary" busy={form.busy}>{t`Try and keep them`}</Button>
      </div>
    </form>
  );
}
