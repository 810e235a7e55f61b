import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type ChangeEvent, type FormEvent } from "react";
import { faultsOf, RequestKey, type FormFaults } from "./faults.ts";

const NO_FAULTS: FormFaults = { form: null, fields: {} };

export type FormOptions<Values> = {
  initial: Values;
  /** Looked at before the server is asked. */
  check?: (values: Values) => Record<string, string | null>;
  /** Rejects with what the server says. */
  submit: (values: Values, key: RequestKey) => Promise<void>;
  /** Words of its own for a refusal; null leaves it to the usual ones. */
  explain?: (problem: unknown) => FormFaults | null;
};

/** The state of a form: values, faults tied to fields, one submit at a time, the focus on the first field that is wrong. */
export function useForm<Values extends Record<string, unknown>>({
  initial,
  check,
  submit,
  explain,
}: FormOptions<Values>) {
  const { t } = useLingui();
  const [values, setValues] = useState(initial);
  const [faults, setFaults] = useState(NO_FAULTS);
  /** The form that was refused last; a new object each time, so that a second try moves the focus again. */
  const [refused, setRefused] = useState<{ form: HTMLFormElement } | null>(null);
  const [busy, setBusy] = useState(false);
  const [key] = useState(() => new RequestKey());
  const running = useRef(false);

  useEffect(() => {
    refused?.form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refused]);

  const refuse = (form: HTMLFormElement, found: FormFaults) => {
    setFaults(found);
    setRefused({ form });
  };

  const set = <Name extends keyof Values & string>(name: Name, value: Values[Name]) => {
    setValues((before) => ({ ...before, [name]: value }));
    setFaults((before) => {
      if (before.form === null && before.fields[name] === undefined) return before;
      return {
        form: null,
        fields: Object.fromEntries(Object.entries(before.fields).filter(([field]) => field !== name)),
      };
    });
  };

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (running.current) return;
    const missing = Object.entries(check?.(values) ?? {}).filter((entry): entry is [string, string] =>
      Boolean(entry[1]),
    );
    if (missing.length > 0) return refuse(form, { form: null, fields: Object.fromEntries(missing) });
    running.current = true;
    setBusy(true);
    setFaults(NO_FAULTS);
    const words = {
      unreachable: t`The server does not answer. Nothing you wrote is lost; try again.`,
      unexpected: t`Something went wrong on this page. Reload it and try again.`,
    };
    submit(values, key)
      .then(() => key.done())
      .catch((problem: unknown) => refuse(form, explain?.(problem) ?? faultsOf(problem, Object.keys(values), words)))
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
    /** For `<form {...form.attributes}>`. */
    attributes: { onSubmit, noValidate: true },
    /** For `<TextField {...form.text("name")}>`. */
    text: (name: keyof Values & string) => ({
      name,
      value: String(values[name] ?? ""),
      onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
        set(name, event.target.value as Values[typeof name]),
      fault: faults.fields[name] ?? null,
    }),
  };
}
