import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { IconButton } from "./Button.tsx";
import css from "./forms.module.css";
import { Check, Copy } from "./icons.ts";

/** How long the tick stays, in ms. */
const TICK_MS = 2_000;

/** An address or a code, with a button that copies it. `name` says what it is. */
export function CopyText({ text, name }: { text: string; name: string }) {
  const { t } = useLingui();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), TICK_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  return (
    <span className={css.copy}>
      <code>{text}</code>
      {/* A page that came over plain http has no clipboard; the text can be selected. */}
      {navigator.clipboard !== undefined && (
        <IconButton compact label={copied ? t`Copied` : t`Copy ${name}`} onClick={() => void copy()}>
          {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
        </IconButton>
      )}
    </span>
  );
}
