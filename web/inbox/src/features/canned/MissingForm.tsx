import { Plural, useLingui } from "@lingui/react/macro";
import { ApiProblem, type RenderedResponse } from "@partyline/kit/api";
import { segment } from "@partyline/kit/sms";
import { Button, Dialog, DialogGap, Kbd, TextField } from "@partyline/kit/ui";
import { useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import css from "./canned.module.css";
import { Filled } from "./Filled.tsx";
import { readableName } from "./model.ts";
import { useVariableNames } from "./variables.ts";

/** Characters of one value; the server's bound. */
const MOST_CHARACTERS = 500;

type Props = {
  name: string;
  rendered: RenderedResponse;
  fill: (values: Record<string, string>) => Promise<RenderedResponse>;
  onClose: () => void;
  onDone: (rendered: RenderedResponse) => void;
};

/** Asks for what a canned response needs and the inbox doesn't know. Enter goes on to the next field, and then puts it in. */
export function MissingForm({ name, rendered, fill, onClose, onDone }: Props) {
  const { t } = useLingui();
  const names = useVariableNames();
  const form = useRef<HTMLFormElement>(null);
  const missing = rendered.missing.filter(({ in_text }) => in_text);
  const [values, setValues] = useState<Record<string, string>>({});
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);

  const written = (place: string) => values[place]?.trim() ?? "";
  const open = missing.filter((value) => written(value.name) === "");
  const soFar = missing.reduce(
    (text, value) =>
      written(value.name) === "" ? text : text.replaceAll(`{{ ${value.name} }}`, () => written(value.name)),
    rendered.text,
  );
  const { segments } = segment(soFar);

  const fields = () => [...(form.current?.querySelectorAll("input") ?? [])];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const found = Object.fromEntries(open.map((value) => [value.name, t`Write something here.`]));
    setFaults(found);
    const [first] = open;
    if (first) return fields()[missing.indexOf(first)]?.focus();
    setBusy(true);
    try {
      onDone(await fill(values));
    } catch (problem) {
      const detail = problem instanceof ApiProblem ? problem.detail : t`The server can’t be reached. Try again.`;
      setFaults({ [missing.at(-1)?.name ?? ""]: detail });
      setBusy(false);
    }
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>, index: number) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing || event.ctrlKey || event.metaKey) return;
    const next = fields()[index + 1];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <Dialog title={name} lead={t`It needs a little more before it goes in.`} width={440} onClose={onClose}>
      <form ref={form} className={css.form} noValidate onSubmit={(event) => void submit(event)}>
        {missing.map((value, index) => (
          <TextField
            key={value.name}
            label={names(value.name) ?? readableName(value.name)}
            autoComplete="off"
            maxLength={MOST_CHARACTERS}
            enterKeyHint={index === missing.length - 1 ? "done" : "next"}
            data-autofocus={index === 0 || undefined}
            value={values[value.name] ?? ""}
            fault={faults[value.name]}
            onKeyDown={(event) => keys(event, index)}
            onChange={(event) => {
              setFaults({});
              setValues({ ...values, [value.name]: event.target.value });
            }}
          />
        ))}
        <div className={css.soFar}>
          <p className={css.filled}>
            <Filled text={soFar} missing={open} />
          </p>
          <span className={css.line}>
            <Plural value={segments} one="# segment" other="# segments" />
          </span>
        </div>
        <div className={css.actions}>
          <Button look="quiet" onClick={onClose}>{t`Cancel`}</Button>
          <DialogGap />
          <Button type="submit" look="primary" busy={busy}>
            {t`Put it in`} <Kbd keys="Enter" />
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
