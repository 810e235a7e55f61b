import { useLingui } from "@lingui/react/macro";
import type { Invitation, Page } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import { useApp } from "@partyline/kit/react";
import { Notice } from "@partyline/kit/ui";
import { useEffect, useState } from "react";

/** How often it is looked what became of a letter, in ms. */
const LOOK_MS = 1_500;
/** How often at most: what takes longer is told by the list of people. */
const LOOKS_MAX = 80;

/** Says what became of the letter of an invitation that was just made, while it is under way. */
export function SentOrNot({ invitation }: { invitation: Invitation }) {
  const { t } = useLingui();
  const { client } = useApp();
  const [mail, setMail] = useState(invitation.mail);
  const isSettled = mail === null || mail.state !== "waiting";
  useEffect(() => {
    if (isSettled) return;
    let round = 0;
    const timer = setInterval(() => {
      round += 1;
      if (round >= LOOKS_MAX) clearInterval(timer);
      client.get<Page<Invitation>>("/invitations", { query: { round } }).then(
        ({ data }) => setMail((before) => data.data.find(({ id }) => id === invitation.id)?.mail ?? before),
        () => undefined,
      );
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [client, invitation.id, isSettled]);
  const to = invitation.email ?? "";
  const until = fullWhen(new Date(invitation.expires_at));
  const why = mail?.reason ?? "";
  if (mail?.state === "failed")
    return (
      <Notice tone="danger" alert title={t`The invitation to ${to} was not sent`}>
        {t`${why}. You can hand this link over yourself; it works once, until ${until}.`}
      </Notice>
    );
  if (mail?.state === "sent")
    return (
      <Notice tone="ok" alert title={t`The invitation to ${to} is sent`}>
        {t`Its link works once, until ${until}. You can hand it over yourself too; it is shown here and nowhere else.`}
      </Notice>
    );
  return (
    <Notice tone={why === "" ? "plain" : "warn"} title={t`The invitation to ${to} is on its way`}>
      {why === ""
        ? t`Its link works once, until ${until}. It is shown here and nowhere else.`
        : t`${why}. It is tried again for a day. You can hand this link over yourself; it works once, until ${until}.`}
    </Notice>
  );
}
