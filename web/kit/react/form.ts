import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type ChangeEvent, type FormEvent } from "react";
import { newIdempotencyKey } from "../api/client.ts";
import { ApiProblem, Unreachable } from "../api/problem.ts";

/** What is wrong, by field, in plain words. */
export type FieldFaults = Readonly<Record<string, string>>;
export type FormFaults = { form: string | null; fields: FieldFaults };

/** Sentences for what the server can't word itself. */
export type FaultWords = { unreachable: string; unexpected: string };

const NO_FAULTS: FormFaults = { form: null, fields: {} };

/**
 * Sorts the server's refusal onto the form's `fields`. What belongs to none of them is said above the buttons.
 * "credentials.auth_token" is the field "auth_token" where the form has no field of the whole name.
 */
export function faultsOf(problem: unknown, fields: readonly string[], words: FaultWords): FormFaults {
  if (problem instanceof Unreachable) return { form: words.unreachable, fields: {} };
  if (!(problem instanceof ApiProblem)) return { form: words.unexpected, fields: {} };
  const sorted: Record<string, string> = {};
  const rest: string[] = [];
  for (const { field, detail } of problem.errors) {
    const name = [field, field.split(".").at(-1) ?? ""].find((candidate) => fields.includes(candidate));
    if (name === undefined) rest.push(detail);
    else sorted[name] ??= detail;
  }
  const alone = Object.keys(sorted).length === 0 && rest.length === 0;
  return { form: alone ? problem.detail : rest.length > 0 ? rest.join(" ") : null, fields: sorted };
}

/** An `Idempotency-Key` that stays the same while the body does, so that a repeated submit can't make a thing twice. */
export class RequestKey {
  #body: string | null = null;
  #key = "";

  for(body: unknown): string {
    const text = JSON.stringify(body);
    if (text !== this.#body) {
      this.#body = text;
      this.#key = newIdempotencyKey();
    }
    return this.#key;
  }

  /** After a success: the same body again is a new wish. */
  done(): void {
    this.#body = null;
  }
}

type Options<Values> = {
  initial: Values;
  /** Looked at before the server is asked. */
  check?: (values: Values) => Partial<Record<keyof Values & string, string | null>>;
  /** Rejects with what the server says. */
  submit: (values: Values, key: RequestKey) => Promise<void>;
  /** Words of its own for a refusal; null leaves it to the usual ones. */
  explain?: (problem: unknown) => FormFaults | null;
};

type TextInput = HTMLInputElement | HTMLTextAreaElement;

/** The state of a form: values, faults tied to fields, one submit at a time, the focus on the first field that is wrong. */
export function useForm<Values extends Record<string, unknown>>({ initial, check, submit, explain }: Options<Values>) {
  const { t } = useLingui();
  const [values, setValues] = useState(initial);
  const [faults, setFaults] = useState(NO_FAULTS);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const element = useRef<HTMLFormElement>(null);
  const key = useRef<RequestKey | null>(null);
  key.current ??= new RequestKey();

  // Each refusal is a new object, so that a second try with the same fault moves the focus again.
  useEffect(() => {
    if (Object.keys(faults.fields).length > 0) {
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [faults]);

  const set = <Name extends keyof Values & string>(name: Name, value: Values[Name]) => {
    setValues((before) => ({ ...before, [name]: value }));
    // Quietly: the focus is where somebody types.
    if (faults.fields[name] !== undefined || faults.form !== null) {
      const { [name]: _mended, ...others } = faults.fields;
      faults.fields = others;
      setFaults((before) => {
        const next = { form: null, fields: others };
        return before.form === null && Object.keys(before.fields).length === 0 ? before : next;
      });
    }
  };

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (running.current || !key.current) return;
    const found = Object.entries(check?.(values) ?? {}).filter((entry): entry is [string, string] => Boolean(entry[1]));
    if (found.length > 0) return setFaults({ form: null, fields: Object.fromEntries(found) });
    running.current = true;
    setBusy(true);
    setFaults(NO_FAULTS);
    const words = {
      unreachable: t`The server does not answer. Nothing was lost; try again.`,
      unexpected: t`Something went wrong on this page. Reload it and try again.`,
    };
    const keys = key.current;
    submit(values, keys)
      .then(() => keys.done())
      .catch((problem: unknown) => setFaults(explain?.(problem) ?? faultsOf(problem, Object.keys(values), words)))
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  };

  return {
    values,
    set,
    busy,
    faults,
    setFaults,
    /** For `<form {...form.attributes}>`. */
    attributes: { ref: element, onSubmit, noValidate: true },
    /** For `<TextField {...form.text("name")}>`. */
    text: (name: keyof Values & string) => ({
      name,
      value: String(values[name] ?? ""),
      onChange: (event: ChangeEvent<TextInput>) => set(name, event.target.value as Values[typeof name]),
      fault: faults.fields[name] ?? null,
    }),
  };
}
