import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Attachment, type Id, type StartIn, type Started } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";
import { RequestKey, useApp, useChannels, useMe } from "@partyline/kit/react";
import { advise } from "@partyline/kit/sms";
import { shownKeys } from "@partyline/kit/shortcuts";
import {
  Button,
  Combobox,
  Dialog,
  DialogGap,
  Field,
  IconButton,
  Kbd,
  showToast,
  TextArea,
  TextField,
} from "@partyline/kit/ui";
import { File, TriangleAlert, X } from "@partyline/kit/ui/icons";
import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { useSlash } from "../canned/index.ts";
import { Cost, MOST_FILES, reasonTexts } from "../composer/index.ts";
import { SEND_UNDO, useActions, type Beginning } from "../conversation/index.ts";
import css from "./new.module.css";
import { dialable } from "./number.ts";

type Props = { team: Id | null; beginning: Beginning | null; onClose: () => void; onDone: (id: Id) => void };
type Faults = Record<string, string>;

/** Writes to somebody who has no conversation yet. The server asks for consent where they have never written. */
export function NewConversation({ team, beginning, onClose, onDone }: Props) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const actions = useActions();
  const me = useMe();
  const channels = useChannels().filter(({ kind }) => kind === "sms");
  const [from, setFrom] = useState(
    () => beginning?.from ?? channels.find((channel) => channel.team_id === team)?.id ?? channels[0]?.id ?? null,
  );
  const [to, setTo] = useState(beginning?.to ?? "");
  const [name, setName] = useState(beginning?.name ?? "");
  const [text, setText] = useState(beginning?.text ?? "");
  /** The canned response that the text was made with, and its files. */
  const [canned, setCanned] = useState<Id | null>(null);
  const [files, setFiles] = useState<readonly Attachment[]>([]);
  const box = useRef<HTMLTextAreaElement>(null);
  const [source, setSource] = useState("");
  const [reasons, setReasons] = useState<string[] | null>(null);
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const ours = channels.find(({ id }) => id === from);
  const [key] = useState(() => new RequestKey());
  const advice = advise(text);
  const slash = useSlash({
    box,
    text,
    whom: { contact: { name: name.trim() || null, number: to.trim() || null, channel_id: from } },
    enabled: !busy,
    onInsert: (inserted) => {
      // At once, so that the caret has a place to stand.
      flushSync(() => {
        setText(inserted.text);
        setCanned(inserted.response.id);
        setFiles((before) => [...before, ...inserted.rendered.attachments].slice(0, MOST_FILES));
      });
      box.current?.focus();
      box.current?.setSelectionRange(inserted.caret, inserted.caret);
    },
  });

  const send = async () => {
    const missing: Faults = {};
    const number = dialable(to, me?.workspace.settings.region ?? "US");
    if (number === null) missing.to = t`Write the whole number, such as (415) 555-0123 or +44 20 7946 0018.`;
    if (text.trim() === "") missing.text = t`Write what to say.`;
    if (reasons && source.trim() === "") missing.source = t`Say how they agreed; it is kept as the record.`;
    setFaults(missing);
    if (Object.keys(missing).length > 0 || number === null || from === null) return;
    setBusy(true);
    try {
      const undo = me?.workspace.settings.undo_seconds ?? 5;
      const body: StartIn = {
        channel_id: from,
        to: number,
        text: text.trim(),
        undo_seconds: undo,
        ...(files.length > 0 ? { attachment_ids: files.map(({ id }) => id) } : {}),
        ...(desk.row("canned", canned) ? { canned_response_id: canned } : {}),
        ...(name.trim() ? { name: name.trim() } : {}),
        ...(reasons ? { confirm: ["first_contact"], source: source.trim() } : {}),
      };
      const { conversation, message } = await client.post<Started>("/conversations", body, {
        idempotencyKey: key.for(body),
      });
      if (desk.stamp(conversation.id) === 0) desk.putConversation(conversation, 0);
      if (message.type === "message" && undo > 0) {
        const takeBack = () => void actions.takeBack(message);
        actions.remember({ id: SEND_UNDO, run: takeBack });
        showToast({
          id: SEND_UNDO,
          text: t`Goes out in ${undo} s.`,
          duration: undo * 1_000,
          action: { label: t`Undo`, keys: shownKeys("app.undo", "Z"), run: takeBack },
        });
        setTimeout(() => actions.forgetUndo(SEND_UNDO), undo * 1_000);
      }
      onClose();
      onDone(conversation.id);
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.code === "first_contact")
        setReasons(reasonTexts(problem.body.reasons));
      else setFaults(faultsOf(problem, t`The server could not be reached. Your text is kept.`));
    } finally {
      setBusy(false);
    }
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.current?.requestSubmit();
    }
  };
  return (
    <Dialog title={t`New conversation`} width={520} onClose={onClose}>
      {channels.length === 0 ? (
        <>
          <p className={css.none}>{t`No number is connected yet. An admin can connect one in Settings.`}</p>
          <div className={css.actions}>
            <Button onClick={onClose}>{t`Close`}</Button>
          </div>
        </>
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Ctrl+Enter from any field
        <form
          ref={form}
          className={css.form}
          noValidate
          onKeyDown={keys}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            void send();
          }}
        >
          <div className={css.pair}>
            <TextField
              label={t`To`}
              type="tel"
              autoComplete="off"
              placeholder="+1 415 555 0123"
              value={to}
              fault={faults.to}
              onChange={(event) => setTo(event.target.value)}
              data-autofocus={beginning === null || undefined}
            />
            <TextField
              label={t`Name`}
              hint={t`If you know it`}
              autoComplete="off"
              value={name}
              fault={faults.name}
              onChange={(event) => setName(event.target.value)}
            />
          </div>
          <Field
            label={t`From`}
            hint={beginning && t`They see another number than before, and answer in a conversation of its own.`}
            fault={faults.channel_id}
          >
            {(bound) => (
              <Combobox
                {...bound}
                options={channels.map((channel) => ({
                  value: channel.id,
                  label: channel.name,
                  detail: readableNumber(channel.address),
                }))}
                value={from}
                end={ours && readableNumber(ours.address)}
                onChange={setFrom}
              />
            )}
          </Field>
          <TextArea
            label={t`Message`}
            rows={4}
            data-autofocus={beginning !== null || undefined}
            value={text}
            fault={faults.text}
            hint={
              text === "" ? (
                t`/ at the start of a word offers canned responses.`
              ) : (
                <Cost advice={advice} price={ours?.settings.price} />
              )
            }
            ref={box}
            {...slash.aria}
            onKeyDown={(event) => slash.keys(event) && event.stopPropagation()}
            onSelect={(event) => {
              if (!(event.nativeEvent as InputEvent).isComposing) slash.caret(event.currentTarget.selectionStart);
            }}
            onCompositionStart={() => slash.caret(null)}
            onCompositionEnd={(event) => slash.caret(event.currentTarget.selectionStart)}
            onBlur={() => slash.caret(null)}
            onChange={(event) => {
              setText(event.target.value);
              if (event.target.value === "") setCanned(null);
              if (!(event.nativeEvent as InputEvent).isComposing) slash.caret(event.target.selectionStart);
            }}
          />
          {slash.list}
          {files.length > 0 && (
            <ul className={css.files} aria-label={t`Files`}>
              {files.map((file) => (
                <li key={file.id}>
                  <File aria-hidden />
                  <span className="el">{file.name}</span>
                  <IconButton
                    label={t`Remove ${file.name}`}
                    compact
                    onClick={() => setFiles(files.filter(({ id }) => id !== file.id))}
                  >
                    <X aria-hidden />
                  </IconButton>
                </li>
              ))}
            </ul>
          )}
          {reasons && (
            <div className={css.consent} role="alert">
              <TriangleAlert aria-hidden />
              <div>
                <b>{t`They have never written to you`}</b>
                <p>{reasons.join(" ")}</p>
                <TextField
                  label={t`How did they agree to texts?`}
                  placeholder={t`Asked us by phone today`}
                  value={source}
                  fault={faults.source}
                  onChange={(event) => setSource(event.target.value)}
                  autoFocus
                />
              </div>
            </div>
          )}
          {faults.other && (
            <p className={css.fault} role="alert">
              {faults.other}
            </p>
          )}
          <div className={css.actions}>
            <Button look="quiet" onClick={onClose}>{t`Cancel`}</Button>
            <DialogGap />
            <Button type="submit" look="primary" busy={busy}>
              {reasons ? t`They agreed, send it` : t`Send`} <Kbd keys="Ctrl+Enter" />
            </Button>
          </div>
        </form>
      )}
      {slash.form}
    </Dialog>
  );
}

function faultsOf(problem: unknown, unreachable: string): Faults {
  if (!(problem instanceof ApiProblem)) return { other: unreachable };
  const fields = problem.errors.map(({ field, detail }) => [field, detail] as const);
  return fields.length > 0 ? Object.fromEntries(fields) : { other: problem.detail };
}
