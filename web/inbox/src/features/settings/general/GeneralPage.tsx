import { i18n } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import type { Me } from "@partyline/kit/api";
import { useApp, useForm, useMay, useMe, useMinute } from "@partyline/kit/react";
import {
  Button,
  Checkbox,
  ChoiceCards,
  Combobox,
  currentTheme,
  Field,
  Notice,
  setTheme,
  showToast,
  TextField,
  type Theme,
} from "@partyline/kit/ui";
import { Monitor, Moon, Sun } from "@partyline/kit/ui/icons";
import { useMemo, useState } from "react";
import { timeIn, timeZoneOptions } from "../../time-zone/index.ts";
import { PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import { MailSection } from "./MailSection.tsx";

export function GeneralPage() {
  const { t } = useLingui();
  const me = useMe();
  const may = useMay("workspace.manage");
  const [theme, chooseTheme] = useState(currentTheme);
  return (
    <>
      <PageHead title={t`General`} />
      <div className={css.body}>
        {me !== null && (may ? <WorkspaceForm key={me.workspace.id} me={me} /> : <WorkspaceFacts me={me} />)}
        {may && (
          <>
            <hr className={css.rule} />
            <MailSection />
          </>
        )}
        <hr className={css.rule} />
        <section className={css.narrow}>
          <h2>{t`In this browser`}</h2>
          <ChoiceCards<Theme>
            legend={t`Appearance`}
            name="theme"
            value={theme}
            onChange={(next) => {
              setTheme(next);
              chooseTheme(next);
            }}
            choices={[
              { value: "light", label: t`Light`, icon: <Sun aria-hidden /> },
              { value: "dark", label: t`Dark`, icon: <Moon aria-hidden /> },
              { value: "system", label: t`Like the system`, icon: <Monitor aria-hidden /> },
            ]}
          />
        </section>
      </div>
    </>
  );
}

function WorkspaceFacts({ me }: { me: Me }) {
  const { t } = useLingui();
  const now = useMinute();
  const zone = me.workspace.time_zone;
  const clock = timeIn(zone, new Date(now), i18n.locale);
  return (
    <section className={css.section}>
      <h2>{t`Workspace`}</h2>
      <dl className={css.facts}>
        <dt>{t`Name`}</dt>
        <dd>{me.workspace.name}</dd>
        <dt>{t`Time zone`}</dt>
        <dd>{t`${zone.replaceAll("_", " ")}, now ${clock}`}</dd>
      </dl>
    </section>
  );
}

/** The longest that a message can be held, in seconds. */
const UNDO_SECONDS_MAX = 60;
/** The most days that an owner keeps what was closed. */
const STALE_OWNER_DAYS_MAX = 365;

function WorkspaceForm({ me }: { me: Me }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const { name, time_zone, settings } = me.workspace;
  const zones = useMemo(() => timeZoneOptions(time_zone), [time_zone]);
  const whole = (text: string, most: number) =>
    /^\d+$/.test(text.trim()) && Number(text) <= most ? null : t`Write a whole number, at most ${most}.`;
  const form = useForm({
    initial: {
      name,
      time_zone,
      region: settings.region,
      undo_seconds: String(settings.undo_seconds),
      stale_owner_days: String(settings.stale_owner_days),
      assign_on_reply: settings.assign_on_reply,
      texts_outside: settings.texts_outside,
    },
    check: (values) => ({
      name: values.name.trim() === "" ? t`Write what your business is called.` : null,
      undo_seconds: whole(values.undo_seconds, UNDO_SECONDS_MAX),
      stale_owner_days: whole(values.stale_owner_days, STALE_OWNER_DAYS_MAX),
    }),
    submit: async (values) => {
      const body = {
        ...values,
        undo_seconds: Number(values.undo_seconds),
        stale_owner_days: Number(values.stale_owner_days),
      };
      desk.signIn(await client.patch<Me>("/workspace", body));
      showToast({ id: "workspace", text: t`Saved` });
    },
  });
  return (
    <form className={css.narrow} {...form.attributes} aria-label={t`Workspace`}>
      <h2>{t`Workspace`}</h2>
      {form.faults.form !== null && (
        <Notice tone="danger" alert>
          {form.faults.form}
        </Notice>
      )}
      <div className={css.pair}>
        <TextField label={t`Name`} autoComplete="organization" {...form.text("name")} />
        <Field label={t`Time zone`} fault={form.faults.fields.time_zone}>
          {(bound) => (
            <Combobox
              {...bound}
              options={zones}
              value={form.values.time_zone}
              onChange={(zone) => form.set("time_zone", zone)}
            />
          )}
        </Field>
      </div>
      <div className={css.pair}>
        <TextField
          label={t`Country of numbers`}
          hint={t`Two letters, such as US: for numbers without a country code.`}
          maxLength={2}
          autoComplete="off"
          {...form.text("region")}
        />
        <TextField
          label={t`Seconds to take a reply back`}
          inputMode="numeric"
          autoComplete="off"
          {...form.text("undo_seconds")}
        />
      </div>
      <TextField
        label={t`Days until an owner is stale`}
        hint={t`What nobody has touched for longer goes to the team when they write again.`}
        inputMode="numeric"
        autoComplete="off"
        {...form.text("stale_owner_days")}
      />
      <Checkbox
        hint={t`Where nobody is on a conversation.`}
        checked={form.values.assign_on_reply}
        onChange={(on) => form.set("assign_on_reply", on)}
      >
        {t`Who replies gets it`}
      </Checkbox>
      <Checkbox
        hint={t`Without it a letter to who is away says who wrote and how often, and not what.`}
        checked={form.values.texts_outside}
        onChange={(on) => form.set("texts_outside", on)}
      >
        {t`Letters to the team show what was written`}
      </Checkbox>
      <div className={css.buttons}>
        <Button type="submit" look="primary" busy={form.busy}>{t`Save`}</Button>
      </div>
    </form>
  );
}
