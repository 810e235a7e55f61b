import { useLingui } from "@lingui/react/macro";
import { ApiProblem, newIdempotencyKey, type Attachment, type Id } from "@partyline/kit/api";
import { byteSize } from "@partyline/kit/i18n";
import { useApp } from "@partyline/kit/react";
import { Button, IconButton, showToast } from "@partyline/kit/ui";
import { CircleAlert, File as FileIcon, Paperclip, X } from "@partyline/kit/ui/icons";
import { useRef, useState } from "react";
import { MOST_FILES, refusalText, refuseFile } from "../../composer/index.ts";
import css from "../settings.module.css";
import own from "./canned.module.css";

const say = (text: string) => showToast({ id: "upload", text, tone: "danger" });

/** The files that go with a canned response, while it is written. */
export function useFiles(before: readonly Attachment[]) {
  const { t } = useLingui();
  const { client } = useApp();
  const [list, setList] = useState(before);
  const [underWay, setUnderWay] = useState(0);

  const add = async (files: Iterable<File>) => {
    let held = list.length;
    let bytes = list.reduce((sum, { size }) => sum + size, 0);
    for (const file of files) {
      const refusal = refuseFile(file, held, bytes);
      if (refusal) {
        say(refusalText(refusal, file.name));
        continue;
      }
      held += 1;
      bytes += file.size;
      setUnderWay((count) => count + 1);
      try {
        const attachment = await client.upload<Attachment>("/attachments", file, {
          idempotencyKey: newIdempotencyKey(),
        });
        setList((known) => [...known, attachment].slice(0, MOST_FILES));
      } catch (problem) {
        say(problem instanceof ApiProblem ? problem.detail : t`${file.name} could not be uploaded.`);
      } finally {
        setUnderWay((count) => count - 1);
      }
    }
  };
  const remove = (id: Id) => setList((known) => known.filter((file) => file.id !== id));
  return { list, ids: list.map(({ id }) => id), busy: underWay > 0, add, remove };
}

type Props = { files: ReturnType<typeof useFiles>; disabled: boolean; fault: string | undefined };

export function Files({ files, disabled, fault }: Props) {
  const { t } = useLingui();
  const input = useRef<HTMLInputElement>(null);
  if (disabled && files.list.length === 0) return null;
  return (
    <fieldset className={css.list}>
      <legend>{t`Files`}</legend>
      {files.list.map(({ id, name, size }) => (
        <div key={id} className={own.file}>
          <FileIcon aria-hidden />
          <span className="el">{name}</span>
          <span className={css.small}>{byteSize(size)}</span>
          <span className={own.gap} />
          {!disabled && (
            <IconButton label={t`Remove ${name}`} compact onClick={() => files.remove(id)}>
              <X aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      {fault && (
        <p className={own.fault} role="alert">
          <CircleAlert aria-hidden />
          {fault}
        </p>
      )}
      {!disabled && (
        <div>
          <Button busy={files.busy} onClick={() => input.current?.click()}>
            <Paperclip aria-hidden />
            {t`Add a file`}
          </Button>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            aria-label={t`Add a file`}
            onChange={(event) => {
              void files.add([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
        </div>
      )}
    </fieldset>
  );
}
