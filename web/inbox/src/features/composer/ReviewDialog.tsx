import { useLingui } from "@lingui/react/macro";
import type { Draft as Shared } from "@partyline/kit/api";
import { useApp, useForm, useMe, useUsers } from "@partyline/kit/react";
import { Button, Combobox, Dialog, DialogGap, Field, Notice } from "@partyline/kit/ui";
import { useId, type RefObject } from "react";

type Props = { draft: Shared; box: RefObject<HTMLElement | null>; onClose: () => void };

/** Asks a lead to look at my draft before it is sent. */
export function ReviewDialog({ draft, box, onClose }: Props) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const formId = useId();
  const me = useMe()?.user.id;
  const leads = useUsers().filter(
    ({ id, active, role }) => active && id !== me && (role === "lead" || role === "admin" || role === "owner"),
  );
  const form = useForm({
    initial: { reviewer_id: leads[0]?.id ?? "" },
    submit: async ({ reviewer_id }) => {
      const { conversation_id, channel_id } = draft;
      const path = `/conversations/${conversation_id}/drafts/${channel_id}/review`;
      desk.applyDraft({ conversation_id, channel_id, draft: await client.post<Shared>(path, { reviewer_id }) });
      onClose();
    },
  });
  return (
    <Dialog
      title={t`Ask for a review`}
      lead={t`They are told, and send it or send it back to you. Until then you can’t send it.`}
      width={400}
      onClose={onClose}
      focusAfter={box}
      actions={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={formId} look="primary" busy={form.busy} disabled={leads.length === 0}>
            {t`Ask`}
          </Button>
        </>
      }
    >
      <form id={formId} {...form.attributes}>
        {form.faults.form !== null && <Notice tone="danger">{form.faults.form}</Notice>}
        <Field label={t`Who looks at it`} fault={form.faults.fields["reviewer_id"]}>
          {(bound) => (
            <Combobox
              {...bound}
              options={leads.map(({ id, name }) => ({ value: id, label: name }))}
              value={form.values.reviewer_id}
              onChange={(next) => form.set("reviewer_id", next)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
