import { Plural, useLingui } from "@lingui/react/macro";
import {
  type Attachment,
  type Id,
  type Message,
  type RenderedResponse,
  type StartIn,
  type Started,
} from "@partyline/kit/api";
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
import { File, X } from "@partyline/kit/ui/icons";
import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { useSlash } from "../canned/index.ts";
import { Cost, MOST_FILES } from "../composer/index.ts";
import { SEND_UNDO, useActions, type Beginning } from "../conversation/index.ts";
import css from "./new.module.css";
import { dialable } from "./number.ts";
import { PeopleField } from "./PeopleField.tsx";
import {
  MOST_PEOPLE,
  needsSource,
  outcomeOf,
  withRecipient,
  wordFor,
  type MessageClass,
  type Outcome,
  type Recipient,
} from "./recipients.ts";
import { WhatIsIt } from "./WhatIsIt.tsx";

type Props = { team: Id | null; beginning: Beginning | null; onClose: () => void; onDone: (id: Id) => void };
type Faults = Record<string, string>;

/** A file of a canned response: one message takes it, and the others take copies. */
type FileOf = { file: Attachment; response: Id };

/** Writes to one or several people, to each a message of their own. The server asks what it is where they never wrote, or not for a day. */
export function NewConversation({ team, beginning, onClose, onDone }: Props) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const actions = useActions();
  const me = useMe();
  const channels = useChannels().filter(({ kind }) => kind === "sms");
  const [from, setFrom] = useState(
    () => beginning?.from ?? channels.find((channel) => channel.team_id === team)?.id ?? channels[0]?.id ?? null,
  );
  const [people, setPeople] = useState<readonly Recipient[]>([]);
  /** The number that is being typed; the only one, mostly. */
  const [to, setTo] = useState(beginning?.to ?? "");
  const [name, setName] = useState(beginning?.name ?? "");
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [text, setText] = useState(beginning?.text ?? "");
  /** The canned response that the text was made with, and its files. */
  const [canned, setCanned] = useState<Id | null>(null);
  const [files, setFiles] = useState<readonly FileOf[]>([]);
  const box = useRef<HTMLTextAreaElement>(null);
  const [source, setSource] = useState("");
  const [chosen, setChosen] = useState<MessageClass | null>(null);
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const [keysOf] = useState(() => new Map<string, RequestKey>());
  const [filesOf] = useState(() => new Map<string, Id[]>());
  const ours = channels.find(({ id }) => id === from);
  const advice = advise(text);
  const region = me?.workspace.settings.region ?? "US";
  const alone = people.length === 0;
  const only = people.length === 1 && to.trim() === "" ? people[0] : undefined;
  const asked = [...outcomes.values()].flatMap((outcome) => (outcome.state === "asked" ? [outcome.code] : []));
  const sent = [...outcomes.values()].filter(({ state }) => state === "sent").length;
  // the first message to somebody is one that they asked for; whether a late one still answers, only a person knows
  const what = chosen ?? (asked.includes("late_reply") ? null : "update");
  const slash = useSlash({
    box,
    text,
    // of several it is filled in for nobody: what it calls them falls back
    whom: {
      contact: {
        name: (alone ? name.trim() : only?.name) || null,
        number: (alone ? to.trim() : only?.number) || null,
        channel_id: from,
      },
    },
    enabled: !busy,
    onInsert: (inserted) => {
      // At once, so that the caret has a place to stand.
      flushSync(() => {
        setText(inserted.text);
        setCanned(inserted.response.id);
        setFiles((before) =>
          [...before, ...inserted.rendered.attachments.map((file) => ({ file, response: inserted.response.id }))].slice(
            0,
            MOST_FILES,
          ),
        );
      });
      box.current?.focus();
      box.current?.setSelectionRange(inserted.caret, inserted.caret);
    },
  });

  const noNumber = t`Write the whole number, such as (415) 555-0123 or +44 20 7946 0018.`;
  const take = () => {
    const number = dialable(to, region);
    if (number === null) {
      setFaults({ to: noNumber });
      return false;
    }
    add({ number, name: name.trim() || null });
    return true;
  };
  const add = (person: Recipient) => {
    setFaults({});
    setPeople((before) => withRecipient(before, person));
    setTo("");
    setName("");
  };
  const forget = (numbers: readonly string[]) =>
    setOutcomes((before) => new Map([...before].filter(([number]) => !numbers.includes(number))));
  const remove = ({ number }: Recipient) => {
    setPeople(people.filter((person) => person.number !== number));
    forget([number]);
  };

  /** The files for one of them: the uploads themselves for the first, copies for the others; the same again when it is asked again. */
  const filesFor = async ({ number }: Recipient): Promise<Id[]> => {
    const wanted = files.map(({ file }) => file.id);
    const slot = `${number} ${wanted.join()}`;
    const had = filesOf.get(slot);
    if (had || wanted.length === 0) return had ?? [];
    let taken = wanted;
    if ([...filesOf.values()].some((ids) => ids.some((id) => wanted.includes(id)))) {
      taken = [];
      for (const response of new Set(files.map((each) => each.response))) {
        const names = files.filter((each) => each.response === response).map(({ file }) => file.name);
        const render = (values: Record<string, string>) =>
          client.post<RenderedResponse>(`/canned_responses/${response}/render`, { values, take_files: true });
        let copies = await render({});
        // its text is not needed, but is asked for before its files
        if (copies.missing.some(({ in_text }) => in_text))
          copies = await render(Object.fromEntries(copies.missing.map((each) => [each.name, "-"])));
        taken.push(...copies.attachments.filter((copy) => names.includes(copy.name)).map(({ id }) => id));
      }
    }
    filesOf.set(slot, taken);
    return taken;
  };
  const sendTo = async (person: Recipient, channel: Id, undo: number): Promise<Outcome> => {
    const before = outcomes.get(person.number);
    try {
      const attachments = await filesFor(person);
      const body: StartIn = {
        channel_id: channel,
        to: person.number,
        text: text.trim(),
        undo_seconds: undo,
        ...(attachments.length > 0 ? { attachment_ids: attachments } : {}),
        ...(desk.row("canned", canned) ? { canned_response_id: canned } : {}),
        ...(person.name ? { name: person.name } : {}),
        ...(before?.state === "asked" && what !== null ? wordFor(what, before.code, source.trim()) : {}),
      };
      const key = keysOf.get(person.number) ?? new RequestKey();
      keysOf.set(person.number, key);
      const started = await client.post<Started>("/conversations", body, { idempotencyKey: key.for(body) });
      if (desk.stamp(started.conversation.id) === 0) desk.putConversation(started.conversation, 0);
      return { state: "sent", started };
    } catch (problem) {
      return outcomeOf(problem);
    }
  };

  const send = async () => {
    const missing: Faults = {};
    const number = to.trim() === "" && !alone ? null : dialable(to, region);
    if (number === null && (alone || to.trim() !== "")) missing.to = noNumber;
    const all = number === null ? people : withRecipient(people, { number, name: name.trim() || null });
    if (number !== null && all.every((person) => person.number !== number))
      missing.to = t`At most ${MOST_PEOPLE} people at once.`;
    if (text.trim() === "") missing.text = t`Write what to say.`;
    if (asked.length > 0 && what === null) missing.class = t`Say what it is.`;
    if (asked.length > 0 && needsSource(what, asked) && source.trim() === "")
      missing.source = t`Say how they agreed; it is kept as the record.`;
    setFaults(missing);
    if (Object.keys(missing).length > 0 || from === null) return;
    setBusy(true);
    const undo = me?.workspace.settings.undo_seconds ?? 5;
    const results = new Map([...outcomes].filter(([known]) => all.some((person) => person.number === known)));
    const started: Started[] = [];
    for (const person of all) {
      if (results.get(person.number)?.state === "sent") continue;
      const outcome = await sendTo(person, from, undo);
      results.set(person.number, outcome);
      if (all.length > 1) setOutcomes(new Map(results));
      if (outcome.state === "sent") started.push(outcome.started);
      // whoever does not answer now does not answer for the next one
      if (outcome.state === "silent") break;
    }
    setBusy(false);
    announce(started, undo);
    if (all.length > 1) {
      setPeople(all);
      setTo("");
      setName("");
    }
    setOutcomes(results);
    const left = all.filter((person) => results.get(person.number)?.state !== "sent");
    const first = results.get(all[0]?.number ?? "");
    if (left.length === 0) {
      onClose();
      if (all.length === 1 && first?.state === "sent") onDone(first.started.conversation.id);
    } else if ([...results.values()].some(({ state }) => state === "silent"))
      setFaults({ other: t`The server could not be reached. Your text is kept.` });
    else if (all.length === 1 && first?.state === "refused") {
      const fields = first.problem.errors.map(({ field, detail }) => [field, detail] as const);
      setFaults(fields.length > 0 ? Object.fromEntries(fields) : { other: first.problem.detail });
      setOutcomes(new Map());
    }
  };
  /** Says that they go out, for as long as they can be taken back. */
  const announce = (started: readonly Started[], undo: number) => {
    const messages = started
      .map(({ message }) => message)
      .filter((entry): entry is Message => entry.type === "message");
    if (messages.length === 0 || undo === 0) return;
    const takeBack = () => {
      for (const message of messages) void actions.takeBack(message);
    };
    actions.remember({ id: SEND_UNDO, run: takeBack });
    const many = messages.length;
    showToast({
      id: SEND_UNDO,
      text: many === 1 ? t`Goes out in ${undo} s.` : t`${many} messages go out in ${undo} s.`,
      duration: undo * 1_000,
      action: { label: t`Undo`, keys: shownKeys("app.undo", "Z"), run: takeBack },
    });
    setTimeout(() => actions.forgetUndo(SEND_UNDO), undo * 1_000);
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
          <div className={alone ? css.pair : undefined}>
            <PeopleField
              people={people}
              outcomes={people.length > 0 ? outcomes : NONE}
              typed={to}
              fault={faults.to}
              autoFocus={beginning === null}
              onType={(typed) => {
                setTo(typed);
                // another number is another question
                if (alone) setOutcomes(NONE);
              }}
              onTake={take}
              onAdd={add}
              onRemove={remove}
            />
            {alone && (
              <TextField
                label={t`Name`}
                hint={t`If you know it`}
                autoComplete="off"
                value={name}
                fault={faults.name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
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
              {files.map(({ file }) => (
                <li key={file.id}>
                  <File aria-hidden />
                  <span className="el">{file.name}</span>
                  <IconButton
                    label={t`Remove ${file.name}`}
                    compact
                    onClick={() => setFiles(files.filter((each) => each.file.id !== file.id))}
                  >
                    <X aria-hidden />
                  </IconButton>
                </li>
              ))}
            </ul>
          )}
          {asked.length > 0 && (
            <WhatIsIt
              codes={asked}
              chosen={what}
              fault={faults.class}
              source={source}
              sourceFault={faults.source}
              onChoose={setChosen}
              onSource={setSource}
            />
          )}
          {faults.other && (
            <p className={css.fault} role="alert">
              {faults.other}
            </p>
          )}
          <div className={css.actions}>
            <Button look="quiet" onClick={onClose}>
              {sent > 0 ? t`Close` : t`Cancel`}
            </Button>
            <DialogGap />
            <Button type="submit" look="primary" busy={busy}>
              {asked.length > 0 && needsSource(what, asked) ? (
                t`They agreed, send it`
              ) : people.length > 1 && sent === 0 ? (
                <Plural
                  value={people.length + (to.trim() === "" ? 0 : 1)}
                  one="Send to # person"
                  other="Send to # people"
                />
              ) : (
                t`Send`
              )}{" "}
              <Kbd keys="Ctrl+Enter" />
            </Button>
          </div>
        </form>
      )}
      {slash.form}
    </Dialog>
  );
}

const NONE: ReadonlyMap<string, Outcome> = new Map();
