import { useLingui } from "@lingui/react/macro";
import type { Trouble } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { CircleAlert } from "@partyline/kit/ui/icons";
import { useEffect, useState } from "react";
import css from "./Session.module.css";

/** Between two questions whether it is over, in ms. */
const ASK_AGAIN_MS = 5_000;

/** Says in plain words that the server can't save anything, for as long as that is so. */
export function ServerTrouble() {
  const { t } = useLingui();
  const { client } = useApp();
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  useEffect(() => client.onTrouble(setTrouble), [client]);
  useEffect(() => {
    if (trouble === null) return;
    // A server that does not answer at all is the connection's story.
    const timer = setInterval(() => void client.trouble().then(setTrouble, () => undefined), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [client, trouble]);

  if (trouble === null) return null;
  const words: Record<Trouble, string> = {
    storage_full: t`The server’s disk is full, so nothing can be sent or saved. It goes on by itself when there is room; tell whoever runs the server.`,
    storage_read_only: t`The server’s disk can only be read, so nothing can be sent or saved. It goes on by itself when that is mended; tell whoever runs the server.`,
    database_away: t`The server can’t reach its database, so nothing can be sent or saved. It goes on by itself when the database is back.`,
  };
  return (
    <div className={css.trouble} role="alert">
      <CircleAlert aria-hidden />
      {words[trouble]}
    </div>
  );
}
