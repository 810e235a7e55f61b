import { useLingui } from "@lingui/react/macro";
import type { Label, LabelColour } from "@partyline/kit/api";
import { useApp, useForm, useLabels, useMay } from "@partyline/kit/react";
import { showToast, TextField } from "@partyline/kit/ui";
import { useState } from "react";
import { useLocation } from "wouter";
import { depth, ownName } from "../../labels/index.ts";
import { RemoveDialog } from "../../remove/index.ts";
import { FormPage, Missing } from "../PageParts.tsx";
import { ColourField } from "./ColourField.tsx";

const LIST = "/settings/labels";

/** `id` is a label's, or "new". */
export function LabelPage({ id }: { id: string }) {
  const { t } = useLingui();
  const label = useLabels().find((one) => one.id === id);
  if (id !== "new" && label === undefined) return <Missing what={t`Label`} back={LIST} />;
  return <LabelForm key={id} label={label ?? null} />;
}

function LabelForm({ label }: { label: Label | null }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const { client, desk } = useApp();
  const may = useMay("labels.manage");
  const [removing, setRemoving] = useState(false);
  const above = label === null || depth(label) === 0 ? null : label.name.slice(0, label.name.lastIndexOf("/"));
  const form = useForm({
    initial: { name: label === null ? "" : ownName(label), colour: label?.colour ?? ("blue" as LabelColour) },
    check: ({ name }) => ({ name: name.trim() === "" ? t`Write what the label is called.` : null }),
    submit: async (body, key) => {
      const saved =
        label === null
          ? client.post<Label>("/labels", body, { idempotencyKey: key.for(body) })
          : client.patch<Label>(`/labels/${label.id}`, body);
      desk.putRow("labels", await saved);
      showToast({ id: "label", text: t`Saved` });
      navigate(LIST);
    },
  });
  const title = label?.name ?? t`Make a label`;
  return (
    <>
      <FormPage
        title={title}
        back={LIST}
        form={form}
        may={may}
        save={label === null ? t`Make the label` : t`Save`}
        onRemove={label === null ? undefined : () => setRemoving(true)}
      >
        <TextField
          label={t`Name`}
          hint={
            label === null
              ? t`A slash puts one below another: Repairs/Leak.`
              : above === null
                ? undefined
                : t`Below ${above}`
          }
          autoComplete="off"
          autoFocus={label === null}
          disabled={!may}
          {...form.text("name")}
        />
        <ColourField value={form.values.colour} disabled={!may} onChange={(colour) => form.set("colour", colour)} />
      </FormPage>
      {removing && label !== null && (
        <RemoveDialog
          title={t`Remove ${label.name}?`}
          lead={t`Nobody is offered it any more, and no conversation shows it. Labels below it go too.`}
          remove={async () => {
            await client.delete(`/labels/${label.id}`);
            for (const gone of desk.withBelow(label.id)) desk.removeRow("labels", gone);
            showToast({ id: "label", text: t`Removed` });
            navigate(LIST);
          }}
          onClose={() => setRemoving(false)}
        />
      )}
    </>
  );
}
