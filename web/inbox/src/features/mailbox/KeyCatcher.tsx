import { useLingui } from "@lingui/react/macro";
import { useLayoutEffect, useRef } from "react";

type Props = { onText: (text: string) => void; onClose: () => void };

/** Has the focus while an overlay is being fetched, so that what is typed meanwhile is text and no shortcut. */
export function KeyCatcher({ onText, onClose }: Props) {
  const { t } = useLingui();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    field.current?.focus();
    // The overlay gives the focus back to where it was before us.
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <input
      ref={field}
      className="sr"
      aria-label={t`Loading`}
      autoComplete="off"
      onChange={(event) => onText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    />
  );
}
