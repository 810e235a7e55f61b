import type { ProviderField } from "@partyline/kit/api";

export type Values = Readonly<Record<string, string>>;
export type FieldFault = "required" | "malformed";

/** What is wrong with what was entered, before the server and the provider look. Empty optional fields are fine. */
export function checkFields(fields: readonly ProviderField[], values: Values): Record<string, FieldFault> {
  const faults: Record<string, FieldFault> = {};
  for (const { name, required, pattern } of fields) {
    const value = (values[name] ?? "").trim();
    if (value === "") {
      if (required) faults[name] = "required";
    } else if (pattern !== null && !fits(pattern, value)) faults[name] = "malformed";
  }
  return faults;
}

/** A pattern that this browser can't read is left to the server. */
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(value);
  } catch {
    return true;
  }
}

/** What is sent: trimmed, without what was left empty. */
export function entered(fields: readonly ProviderField[], values: Values): Record<string, string> {
  return Object.fromEntries(
    fields.map(({ name }) => [name, (values[name] ?? "").trim()]).filter(([, value]) => value !== ""),
  );
}

/** The part that may be kept in the browser. */
export function withoutSecrets(fields: readonly ProviderField[], values: Values): Record<string, string> {
  const open = fields.filter(({ secret }) => !secret);
  return entered(open, values);
}

/** "AC4f…9e1b": enough to know it by. */
export function masked(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 4)}${"•".repeat(8)}${id.slice(-4)}`;
}
