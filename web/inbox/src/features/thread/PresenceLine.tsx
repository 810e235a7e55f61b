import { Plural, useLingui } from "@lingui/react/macro";
import type { Id, Named } from "@partyline/kit/api";
import { useApp, useDrafts, useMe, usePresence } from "@partyline/kit/react";
import { Avatar, Button, Dots } from "@partyline/kit/ui";
import css from "./thread.module.css";

/** Which colleagues write or read here, live. Nothing while nobody does. */
export function PresenceLine({ id }: { id: Id }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const me = useMe()?.user.id;
  const drafts = useDrafts(id);
  const { typing, viewers } = usePresence(id);
  const writers = typing.filter((user) => user.id !== me);
  const readers = viewers.filter((user) => user.id !== me && !writers.some((writer) => writer.id === user.id));
  const [writer] = writers;
  const [reader] = readers;
  if (!writer && !reader) return null;
  return (
    <div className={css.presence} role="status">
      {writer && (
        <span className={css.writing}>
          <Avatar id={writer.id} name={writer.name} typing />
          <b className="el">
            {writers.length === 1 ? (
              t`${firstName(writer)} is writing a reply`
            ) : (
              <Plural value={writers.length} other="# colleagues are writing" />
            )}
          </b>
          <Dots />
        </span>
      )}
      {writer && writers.length === 1 && drafts?.some(({ holder }) => holder.id === writer.id) && (
        <Button compact look="quiet" className={css.seeDraft} onClick={() => commands.run("composer.theirDraft")}>
          {t`See the draft`}
        </Button>
      )}
      <span className={css.gap} />
      {reader && (
        <span className={css.reading}>
          <Avatar id={reader.id} name={reader.name} />
          <span className="el">
            {readers.length === 1 ? (
              t`${firstName(reader)} is viewing`
            ) : (
              <Plural value={readers.length} other="# colleagues are viewing" />
            )}
          </span>
        </span>
      )}
    </div>
  );
}

function firstName({ name }: Named): string {
  return name.split(" ", 1)[0] ?? name;
}
