import { t } from "@lingui/core/macro";
import { ApiProblem, newIdempotencyKey, type Attachment, type Id } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { showToast } from "@partyline/kit/ui";
import { draftOf, setDraft, type Upload } from "./drafts.ts";
import { uploadOf } from "./sharing.ts";
import { MOST_BYTES, MOST_FILES, refuseFile, type Refusal } from "./model.ts";

/** Adds files to the draft of a conversation and uploads them. */
export function useUploads(conversation: Id) {
  const { client } = useApp();

  const change = (key: string, patch: Partial<Upload>) =>
    setDraft(conversation, {
      uploads: draftOf(conversation).uploads.map((upload) => (upload.key === key ? { ...upload, ...patch } : upload)),
    });

  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const { uploads } = draftOf(conversation);
      const bytes = uploads.reduce((sum, { size }) => sum + size, 0);
      const refusal = refuseFile(file, uploads.length, bytes);
      if (refusal) {
        showToast({ id: "upload", text: refusalText(refusal, file.name), tone: "danger" });
        continue;
      }
      const key = newIdempotencyKey();
      const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
      const upload: Upload = { key, name: file.name, size: file.size, preview, state: "uploading", attachment: null };
      setDraft(conversation, { uploads: [...draftOf(conversation).uploads, upload] });
      client.upload<Attachment>("/attachments", file, { idempotencyKey: key }).then(
        (attachment) => change(key, { state: "ready", attachment }),
        (problem: unknown) => {
          change(key, { state: "failed" });
          showToast({
            id: "upload",
            text: problem instanceof ApiProblem ? problem.detail : t`${file.name} could not be uploaded.`,
            tone: "danger",
          });
        },
      );
    }
  };
  /** Adds files that are at the server already. */
  const take = (attachments: readonly Attachment[]) => {
    const { uploads } = draftOf(conversation);
    const added = attachments.slice(0, Math.max(0, MOST_FILES - uploads.length)).map(uploadOf);
    if (added.length < attachments.length)
      showToast({ id: "upload", text: t`A message carries at most ${MOST_FILES} files.`, tone: "danger" });
    setDraft(conversation, { uploads: [...uploads, ...added] });
  };
  const remove = (key: string) => {
    const { uploads } = draftOf(conversation);
    const preview = uploads.find((upload) => upload.key === key)?.preview;
    if (preview) URL.revokeObjectURL(preview);
    setDraft(conversation, { uploads: uploads.filter((upload) => upload.key !== key) });
  };
  return { add, take, remove };
}

export function refusalText(refusal: Refusal, name: string): string {
  const megabytes = MOST_BYTES / 1_000_000;
  switch (refusal) {
    case "too_many":
      return t`A message carries at most ${MOST_FILES} files.`;
    case "too_large":
      return t`${name} is over ${megabytes} MB, more than texts can carry.`;
    case "too_large_together":
      return t`With ${name} the files are over ${megabytes} MB together, more than a text can carry.`;
    case "wrong_type":
      return t`${name} is of a kind that phones can’t show.`;
  }
}
