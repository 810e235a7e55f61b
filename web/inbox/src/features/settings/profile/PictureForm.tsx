import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Me } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { Avatar, Button, Notice, showToast } from "@partyline/kit/ui";
import { useId, useRef, useState } from "react";
import css from "../settings.module.css";
import own from "./profile.module.css";
import { FILE_MAX, squareOf } from "./square.ts";

/** My picture: chosen, shown, taken away. The browser makes a small square of whatever it can read. */
export function PictureForm({ me }: { me: Me }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const { id, name, picture_id } = me.user;
  const megabytes = FILE_MAX / 1_000_000;

  const during = async (work: () => Promise<void>) => {
    setBusy(true);
    setFault(null);
    await work().catch((problem: unknown) =>
      setFault(problem instanceof ApiProblem ? problem.detail : t`Not changed: the server can’t be reached.`),
    );
    setBusy(false);
  };
  const show = (changed: Me) => {
    desk.signIn(changed);
    desk.putRow("users", changed.user);
  };
  const choose = (file: File) =>
    during(async () => {
      const square = await squareOf(file);
      if (square === null)
        return setFault(t`That can’t be read as a picture. Choose a PNG, a JPEG or a WebP of at most ${megabytes} MB.`);
      show(await client.replace<Me>("/me/picture", square));
      showToast({ id: "picture", text: t`This is your picture now` });
    });
  const takeAway = () =>
    during(async () => {
      await client.delete("/me/picture");
      show((await client.get<Me>("/me")).data);
      showToast({ id: "picture", text: t`Your picture is gone` });
      // the button that was pressed is gone too
      button.current?.focus();
    });
  return (
    <section className={css.narrow} aria-labelledby={heading}>
      <h2 id={heading} className="sr">{t`Picture`}</h2>
      {fault !== null && (
        <Notice tone="danger" alert>
          {fault}
        </Notice>
      )}
      <div className={own.picture}>
        <Avatar id={id} name={name} size={64} />
        <div>
          <div className={css.buttons}>
            <Button ref={button} busy={busy} onClick={() => input.current?.click()}>
              {picture_id === null ? t`Choose a picture` : t`Choose another picture`}
            </Button>
            {picture_id !== null && (
              <Button look="quiet" disabled={busy} onClick={() => void takeAway()}>{t`Take it away`}</Button>
            )}
          </div>
          <p className={css.small}>{t`Your team sees it beside what you do. Customers don’t.`}</p>
        </div>
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/webp"
          hidden
          aria-label={t`Picture`}
          onChange={(event) => {
            const file = event.target.files?.[0];
            // the same one may be chosen again
            event.target.value = "";
            if (file) void choose(file);
          }}
        />
      </div>
    </section>
  );
}
