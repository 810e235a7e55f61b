import { useLingui } from "@lingui/react/macro";
import { type Conversation, type Message, newIdempotencyKey } from "@partyline/kit/api";
import { clockTime } from "@partyline/kit/i18n";
import { useApp, useChannels, useMay, useMe } from "@partyline/kit/react";
import { Button } from "@partyline/kit/ui";
import { Check, CircleAlert, Copy, RefreshCw, Smartphone, SquarePen, TriangleAlert, X } from "@partyline/kit/ui/icons";
import { useState } from "react";
import { requestEdit } from "../composer/index.ts";
import { otherNumber, useActions, useBegin } from "../conversation/index.ts";
import { failureReason } from "./sentences.ts";
import css from "./thread.module.css";

/** A message that did not arrive, or may not have, is work: the reason in plain words, and ways on. */
export function FailureCard({
  entry,
  contact,
  writtenSince,
}: {
  entry: Message;
  contact: Conversation["contact"];
  writtenSince: boolean;
}) {
  const { t } = useLingui();
  const { commands } = useApp();
  const actions = useActions();
  const begin = useBegin();
  const channels = useChannels();
  const me = useMe()?.user.id;
  const mayReply = useMay("conversation.reply");
  const [busy, setBusy] = useState(false);
  const unknown = entry.delivery?.status === "unknown";
  const trouble = failureReason(entry.delivery?.error ?? null);
  // while the provider is asked, sending it again might reach them twice
  const asked = unknown && entry.delivery?.reason === "reconciling";
  // its files stay with the message, and a text without them is another one
  const other =
    unknown || trouble.sender === null || entry.attachments.length > 0
      ? null
      : otherNumber(channels, entry.channel_id, trouble.sender);
  const act = async (work: (key: string) => Promise<void>) => {
    setBusy(true);
    await work(newIdempotencyKey());
    setBusy(false);
  };
  const retry = () => void act((key) => actions.retry(entry, key));
  const resolve = (as: "sent" | "not_sent") => void act((key) => actions.resolve(entry, as, key));
  const edit = () => {
    requestEdit(entry.conversation_id, entry.text);
    commands.run("composer.reply");
  };
  const who = entry.author.id === me ? t`You` : (entry.author.name ?? t`Automatic`);
  const code = entry.delivery?.error?.provider_code;
  const said = [who, clockTime(new Date(entry.at))].join(", ");
  const rewrite = mayReply && trouble.edit && !unknown && (
    <Button compact onClick={edit}>
      <SquarePen aria-hidden />
      {t`Edit and send`}
    </Button>
  );
  return (
    <div
      className={unknown ? css.unknown : css.failure}
      role="group"
      aria-label={unknown ? t`Perhaps not sent` : t`Not delivered`}
    >
      <div className={css.failureHead}>
        {unknown ? <TriangleAlert aria-hidden /> : <CircleAlert aria-hidden />}
        <p>
          <b>{unknown ? t`We don’t know whether this left.` : t`Not delivered.`}</b>{" "}
          {unknown
            ? asked
              ? t`The connection broke while it went out. The provider is being asked. If it can’t tell, you can send it again.`
              : t`The provider could not tell either. Ask them, or look at the provider; sending it again may reach them twice.`
            : trouble.reason}{" "}
          {!unknown && writtenSince && t`They have written since.`}
          <span className={css.failureCode}>{code ? `${said} · ${code}` : said}</span>
        </p>
      </div>
      <div className={css.failureWays}>
        {mayReply && unknown && (
          <>
            <Button compact disabled={busy} onClick={() => resolve("sent")}>
              <Check aria-hidden />
              {t`It arrived`}
            </Button>
            {!asked && (
              <Button compact disabled={busy} onClick={() => resolve("not_sent")}>
                <X aria-hidden />
                {t`It did not`}
              </Button>
            )}
          </>
        )}
        {trouble.editFirst && rewrite}
        {mayReply && trouble.retry && !asked && (
          <Button compact busy={busy} onClick={retry}>
            {!busy && <RefreshCw aria-hidden />}
            {unknown ? t`Send again` : t`Retry`}
          </Button>
        )}
        {mayReply && other && (
          <Button
            compact
            onClick={() => begin({ from: other.id, to: contact.address, name: contact.name, text: entry.text })}
          >
            <Smartphone aria-hidden />
            {t`Send from another number`}
          </Button>
        )}
        {!trouble.editFirst && rewrite}
        <Button compact look="quiet" onClick={() => void navigator.clipboard?.writeText(entry.text)}>
          <Copy aria-hidden />
          <span className={css.wideOnly}>{t`Copy text`}</span>
        </Button>
      </div>
    </div>
  );
}
