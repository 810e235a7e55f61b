import { useLingui } from "@lingui/react/macro";
import type { ProviderField } from "@partyline/kit/api";
import { PasswordField, TextField } from "@partyline/kit/ui";
import type { ChangeEvent } from "react";
import type { FieldFault } from "./credentials.ts";

type Bound = {
  name: string;
  value: string;
  onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
  fault: string | null;
};

type Props = {
  fields: readonly ProviderField[];
  bind: (name: string) => Bound;
  /** What an empty field shows instead of the provider's placeholder, where a value is kept already. */
  kept?: (field: ProviderField) => string | undefined;
};

/** A provider's own form. */
export function CredentialFields({ fields, bind, kept }: Props) {
  return fields.map((field) => {
    const Input = field.secret ? PasswordField : TextField;
    return (
      <Input
        key={field.name}
        label={field.label}
        hint={field.help || undefined}
        placeholder={kept?.(field) ?? (field.placeholder || undefined)}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        data-1p-ignore
        {...bind(field.name)}
      />
    );
  });
}

/** Sentences for what `checkFields` found. */
export function useFieldFaults(): (
  fields: readonly ProviderField[],
  faults: Record<string, FieldFault>,
) => Record<string, string> {
  const { t } = useLingui();
  return (fields, faults) =>
    Object.fromEntries(
      fields.flatMap(({ name, label, placeholder }) => {
        const fault = faults[name];
        if (fault === undefined) return [];
        if (fault === "required") return [[name, t`Enter the ${label}.`]];
        return [
          [
            name,
            placeholder === ""
              ? t`Check the ${label}: it has another form.`
              : t`Check the ${label}: it looks like ${placeholder}`,
          ],
        ];
      }),
    );
}
