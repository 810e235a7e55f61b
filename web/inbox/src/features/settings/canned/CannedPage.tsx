import { useLingui } from "@lingui/react/macro";
import { type CannedResponse, type CannedScope, type Id, type TemplateVariable } from "@partyline/kit/api";
import { useApp, useCanned, useForm, useMay, useMe, useTeams } from "@partyline/kit/react";
import { Button, Field, Notice, Select, showToast, TextArea, TextField } from "@partyline/kit/ui";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useLocation } from "wouter";
import { useVariables } from "../../canned/index.ts";
import { RemoveDialog } from "../../remove/index.ts";
import { Missing, PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import own from "./canned.module.css";
import { Files, useFiles } from "./Files.tsx";
import { Preview, usePreview, Warnings } from "./Preview.tsx";
import { shortcutOf, withPlace } from "./writing.ts";
import { useWhose } from "./whose.ts";

const LIST = "/settings/canned";
/** The server's bounds, in characters. */
const MOST = { name: 80, shortcut: 33, text: 4_000, subject: 200, html: 20_000 };
/** A place that the inbox can't fill. */
const EXAMPLE = "{{ visit.day }}";
/** Offered while one writes. Nobody has a signature yet. */
const OFFERED: readonly TemplateVariable[] = [
  "contact.first_name",
  "contact.name",
  "contact.number",
  "agent.first_name",
  "agent.name",
  "team.name",
  "workspace.name",
  "conversation.subject",
];

/** `id` is a canned response's, or "new". */
export function CannedPage({ id }: { id: string }) {
  const { t } = useLingui();
  const response = useCanned().find((one) => one.id === id);
  if (id !== "new" && response === undefined) return <Missing what={t`Canned response`} back={LIST} />;
  return <CannedForm response={response ?? null} />;
}

function CannedForm({ response }: { response: CannedResponse | null }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { client, desk } = useApp();
  const manages = useMay("canned_responses.manage");
  const may = response === null || response.scope === "personal" || manages;
  const variables = useVariables();
  const owners = useOwners(manages);
  const whose = useWhose();
  const files = useFiles(response?.attachments ?? []);
  const box = useRef<HTMLTextAreaElement>(null);
  const [removing, setRemoving] = useState(false);
  /** Until it is written by hand, it follows the name. */
  const [followsName, setFollowsName] = useState(response === null);

  const form = useForm({
    initial: {
      owner: manages ? "workspace" : "personal",
      name: response?.name ?? "",
      shortcut: response?.shortcut ?? "",
      text: response?.text ?? "",
      subject: response?.subject ?? "",
      html: response?.html ?? "",
    },
    check: ({ name, text }) => ({
      name: name.trim() === "" ? t`Write what it is called.` : null,
      text: text.trim() === "" ? t`Write what it says.` : null,
    }),
    submit: async ({ owner, name, shortcut, text, subject, html }, key) => {
      const says = {
        name,
        shortcut: shortcut || null,
        text,
        subject: subject || null,
        html: html || null,
        attachment_ids: files.ids,
      };
      const body = { ...ownerOf(owner), ...says };
      const saved =
        response === null
          ? client.post<CannedResponse>("/canned_responses", body, { idempotencyKey: key.for(body) })
          : client.patch<CannedResponse>(`/canned_responses/${response.id}`, says);
      desk.putRow("canned", await saved);
      showToast({ id: "canned", text: t`Saved` });
      navigate(LIST);
    },
  });
  const { values } = form;
  const preview = usePreview(values.text);
  const insert = (variable: TemplateVariable) => {
    const field = box.current;
    if (!field) return;
    const next = withPlace(values.text, field.selectionStart, field.selectionEnd, variable);
    // At once, so that the caret has a place to stand.
    flushSync(() => form.set("text", next.text));
    field.focus();
    field.setSelectionRange(next.caret, next.caret);
  };
  const title = response?.name ?? t`Write a canned response`;
  return (
    <>
      <PageHead title={title} back={LIST} lead={response ? whose(response) : undefined} />
      <div className={css.body}>
        <div className={own.columns}>
          <form className={own.form} {...form.attributes} aria-label={title}>
            {form.faults.form !== null && (
              <Notice tone="danger" alert>
                {form.faults.form}
              </Notice>
            )}
            {!may && <Notice>{t`You can use it. A lead can change it.`}</Notice>}
            {response === null && owners.length > 1 && (
              <Field label={t`For`} hint={t`Whose it is can’t be changed later.`}>
                {({ id }) => (
                  <Select
                    id={id}
                    options={owners}
                    value={values.owner}
                    onChange={(owner) => form.set("owner", owner)}
                  />
                )}
              </Field>
            )}
            <div className={css.pair}>
              <TextField
                label={t`Name`}
                autoComplete="off"
                autoFocus={response === null}
                disabled={!may}
                maxLength={MOST.name}
                {...form.text("name")}
                onChange={(event) => {
                  form.set("name", event.target.value);
                  if (followsName) form.set("shortcut", shortcutOf(event.target.value));
                }}
              />
              <TextField
                label={t`Shortcut`}
                hint={t`After a slash: /${values.shortcut.replace(/^\//, "") || t`hours`}`}
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                disabled={!may}
                maxLength={MOST.shortcut}
                {...form.text("shortcut")}
                onChange={(event) => {
                  setFollowsName(false);
                  form.set("shortcut", event.target.value);
                }}
              />
            </div>
            <div className={own.textPart}>
              <TextArea
                ref={box}
                label={t`Text`}
                rows={6}
                disabled={!may}
                maxLength={MOST.text}
                className={own.text}
                {...form.text("text")}
                fault={form.faults.fields.text ?? preview.fault}
              />
              <Warnings text={values.text} warnings={preview.warnings} />
              {may && (
                <div className={own.variables} role="group" aria-label={t`Put in`}>
                  <span className={own.variablesTitle} aria-hidden="true">{t`Put in`}</span>
                  {OFFERED.map((variable) => (
                    <Button key={variable} compact onClick={() => insert(variable)}>
                      {variables[variable]}
                    </Button>
                  ))}
                </div>
              )}
              <p className={css.small}>
                {t`Anything else in two braces, such as ${EXAMPLE}, is asked for when it is used.`}
              </p>
            </div>
            <Files files={files} disabled={!may} fault={form.faults.fields.attachment_ids} />
            <details className={own.email} open={values.html !== "" || values.subject !== "" || undefined}>
              <summary>{t`As an email`}</summary>
              <div className={own.emailFields}>
                <p className={css.small}>{t`Kept for conversations by email, which this inbox does not have yet.`}</p>
                <TextField
                  label={t`Subject`}
                  autoComplete="off"
                  disabled={!may}
                  maxLength={MOST.subject}
                  {...form.text("subject")}
                />
                <TextArea
                  label={t`Body, in HTML`}
                  rows={5}
                  spellCheck={false}
                  disabled={!may}
                  maxLength={MOST.html}
                  className={own.html}
                  {...form.text("html")}
                />
              </div>
            </details>
            {may && (
              <div className={css.buttons}>
                <Button type="submit" look="primary" busy={form.busy} disabled={files.busy}>
                  {t`Save`}
                </Button>
                <Button onClick={() => navigate(LIST)}>{t`Cancel`}</Button>
                {response !== null && (
                  <>
                    <span />
                    <Button tone="danger" onClick={() => setRemoving(true)}>{t`Remove`}</Button>
                  </>
                )}
              </div>
            )}
          </form>
          <Preview preview={preview} files={files.list} />
        </div>
      </div>
      {removing && response !== null && (
        <RemoveDialog
          title={t`Remove ${response.name}?`}
          lead={t`Nobody is offered it any more. Messages that were made with it stay as they are.`}
          remove={async () => {
            await client.delete(`/canned_responses/${response.id}`);
            desk.removeRow("canned", response.id);
            showToast({ id: "canned", text: t`Removed` });
            navigate(LIST);
          }}
          onClose={() => setRemoving(false)}
        />
      )}
    </>
  );
}

/** Whose a new one can be: "workspace", "personal", or a team's id. */
function useOwners(manages: boolean): { value: string; label: string }[] {
  const { t } = useLingui();
  const me = useMe()?.user;
  const teams = useTeams();
  const seesAll = me?.role === "owner" || me?.role === "admin";
  const mine = teams.filter(({ member_ids }) => seesAll || (me && member_ids.includes(me.id)));
  return [
    ...(manages ? [{ value: "workspace", label: t`Everybody` }] : []),
    ...(manages ? mine.map(({ id, name }) => ({ value: id, label: t`The team ${name}` })) : []),
    { value: "personal", label: t`Only you` },
  ];
}

function ownerOf(owner: string): { scope: CannedScope; team_id: Id | null } {
  if (owner === "workspace" || owner === "personal") return { scope: owner, team_id: null };
  return { scope: "team", team_id: owner };
}
