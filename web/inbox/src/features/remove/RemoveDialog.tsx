import { useLingui } from "@lingui/react/macro";
import { useForm } from "@partyline/kit/react";
import { Button, Dialog, DialogGap, Notice } from "@partyline/kit/ui";

type Props = {
  title: string;
  /** What becomes of it. */
  lead: string;
  /** Rejects with what the server says, which is shown. */
  remove: () => Promise<void>;
  onClose: () => void;
};

/** Asks before something is gone for good. */
export function RemoveDialog({ title, lead, remove, onClose }: Props) {
  const { t } = useLingui();
  const form = useForm({ initial: {}, submit: remove });
  return (
    <Dialog title={title} lead={lead} onClose={onClose}>
      <form {...form.attributes}>
        {form.faults.form !== null && (
          <Notice tone="danger" alert>
            {form.faults.form}
          </Notice>
        )}
        <div style={{ display: "flex", gap: 8 }}>
          <Button type="submit" tone="danger" busy={form.busy}>{t`Remove`}</Button>
          <DialogGap />
          <Button data-autofocus onClick={onClose}>{t`Keep it`}</Button>
        </div>
      </form>
    </Dialog>
  );
}
