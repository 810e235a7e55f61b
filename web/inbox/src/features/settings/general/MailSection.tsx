import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Mail, type MailTest } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { Button, Notice } from "@partyline/kit/ui";
import { useCallback, useState } from "react";
import css from "../settings.module.css";
import { useLoaded } from "../useLoaded.ts";

type Test = { state: "sending" } | { state: "sent"; to: string } | { state: "failed"; why: string };

/** How mail is, and whether it works. */
export function MailSection() {
  const { t } = useLingui();
  const { client } = useApp();
  const [test, setTest] = useState<Test | null>(null);
  const load = useCallback(async () => (await client.get<Mail>("/mail")).data, [client]);
  const loaded = useLoaded(load);
  if (loaded.state === "loading") return null;
  if (loaded.state === "failed")
    return (
      <section className={css.narrow}>
        <h2>{t`Mail`}</h2>
        <Notice tone="danger" actions={<Button onClick={loaded.again}>{t`Try again`}</Button>}>
          {t`How mail is can’t be shown.`}
        </Notice>
      </section>
    );
  const { server, from, links, waiting, reason, failed } = loaded.value;
  const send = async () => {
    setTest({ state: "sending" });
    try {
      const { to } = await client.post<MailTest>("/mail/test", {});
      setTest({ state: "sent", to });
    } catch (problem) {
      const why = problem instanceof ApiProblem ? problem.detail : t`The server does not answer`;
      setTest({ state: "failed", why });
    }
  };
  return (
    <section className={css.narrow}>
      <h2>{t`Mail`}</h2>
      {server === null ? (
        <Notice title={t`Mail is not set up`}>
          {t`Invitations and new passwords are links to hand over. Whoever runs this server sets a mail server with --smtp-url and --mail-from.`}
        </Notice>
      ) : (
        <>
          <dl className={css.facts}>
            <dt>{t`Mail server`}</dt>
            <dd>{server}</dd>
            <dt>{t`Letters come from`}</dt>
            <dd>{from}</dd>
            <dt>{t`Links lead to`}</dt>
            <dd>{links}</dd>
          </dl>
          {waiting > 0 && reason != null && (
            <Notice tone="warn" title={plural(waiting, { one: "# letter waits", other: "# letters wait" })}>
              {reason}
            </Notice>
          )}
          {failed > 0 && (
            <Notice
              tone="warn"
              title={plural(failed, {
                one: "# letter was not sent within the last week",
                other: "# letters were not sent within the last week",
              })}
            />
          )}
          {test?.state === "sent" && (
            <Notice tone="ok" alert title={t`The mail server took a letter to ${test.to}`}>
              {t`Look whether it arrives, and not among the spam.`}
            </Notice>
          )}
          {test?.state === "failed" && (
            <Notice tone="danger" alert title={t`The letter was not taken`}>
              {test.why}
            </Notice>
          )}
          <div className={css.buttons}>
            <Button busy={test?.state === "sending"} onClick={() => void send()}>{t`Send me a test letter`}</Button>
          </div>
        </>
      )}
    </section>
  );
}
