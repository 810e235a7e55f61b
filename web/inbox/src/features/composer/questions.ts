import { lately } from "@partyline/kit/react";

const stale = lately(async () => (await import("./StaleReplyDialog.tsx")).StaleReplyDialog);
const confirm = lately(async () => (await import("./ConfirmDialog.tsx")).ConfirmDialog);

export const { Lately: StaleReplyDialog } = stale;
export const { Lately: ConfirmDialog } = confirm;

/** Brings what a send may be asked, ahead of the first. */
export async function fetchQuestions(): Promise<void> {
  await Promise.all([stale.fetch(), confirm.fetch()]);
}
