import { useLingui } from "@lingui/react/macro";
import type { Message } from "@partyline/kit/api";
import { clockTime } from "@partyline/kit/i18n";
import { useApp, useMay, useMe } from "@partyline/kit/react";
import { Button } from "@partyline/kit/ui";
import { CircleAlert, Copy, RefreshCw, SquarePen, TriangleAlert } from "@partyline/kit/ui/icons";
import { useState } from "react";
import { requestEdit } from "../composer/index.ts";
import { useActions } from "../conversation/index.ts";
import { failureReason } from "./sentences.ts";
import css from "./thread.module.css";

/** A message that did not arrive, or may not have, is work: the reason in plain words, and ways on. */
export function FailureCard({ entry, writtenSince }: { entry: Message; writtenSince: boolean }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const actions = useActions();
  const me = useMe()?.user.id;
  const mayReply = useMay("conversation.reply");
  const [busy, setBusy] = useState(false);
  const unknown = entry.delivery?.status === "unknown";
  const trouble = failureReason(entry.delivery?.error ?? null);
  const retry = async () => {
    setBusy(true);
    await actions.retry(entry);
    setBusy(false);
  };
  const edit = () => {
    requestEdit(entry.conversation_id, entry.text);
    commands.run("composer.reply");
  };
  const who = entry.author.id === me ? t`You` : (entry.author.name ?? t`Automatic`);
  const code = entry.delivery?.error?.provider_code;
  const said = [who, clockTime(new Date(entry.at))].join(", ");
  return (
    <div
      className={unknown ? css.unknown : css.failure}
      role="group"
      aria-label={unknown ? t`Perhaps not sent` : t`Not delivered`}
    >
      <div className={css.failureHead}>
        {unknown ? <TriangleAlert aria-hidden /> : <CircleAlert aria-hidden />}
        <p>
          <b>{unknown ? t`Perhaps not sent.` : t`Not delivered.`}</b>{" "}
          {unknown
            ? t`The connection broke while it went out, and no receipt came. Sending again may reach them twice.`
            : trouble.reason}{" "}
          {!unknown && writtenSince && t`They have written since.`}
          <span className={css.failureCode}>{code ? `${said} · ${code}` : said}</span>
        </p>
      </div>
      <div className={css.failureWays}>
        {mayReply && trouble.retry && (
          <Button compact busy={busy} onClick={() => void retry()}>
            {!busy && <RefreshCw aria-hidden />}
            {unknown ? t`Send again` : t`Retry`}
          </Button>
        )}
        {mayReply && trouble.edit && !unknown && (
          <Button compact onClick={edit}>
            <SquarePen aria-hidden />
            {t`Edit and send`}
          </Button>
        )}
        <Button compact look="quiet" onClick={() => void navigator.clipboard?.writeText(entry.text)}>
          <Copy aria-hidden />
          <span className={css.wideOnly}>{t`Copy text`}</span>
        </Button>
      </div>
    </div>
  );
}
