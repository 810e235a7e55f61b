import type { ReactNode, Ref } from "react";
import css from "./forms.module.css";
import { BadgeCheck, CircleAlert, Info, TriangleAlert } from "./icons.ts";

type Tone = "ok" | "warn" | "danger" | "plain";
const ICONS = { ok: BadgeCheck, warn: TriangleAlert, danger: CircleAlert, plain: Info } as const;

type Props = {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  /** Buttons at the right. */
  actions?: ReactNode;
  /** Says it to screen readers at once: for what answers something that the user just did. */
  alert?: boolean;
  ref?: Ref<HTMLDivElement>;
};

/** A box that says how things stand, with ways on. */
export function Notice({ tone = "plain", title, children, actions, alert, ref }: Props) {
  const Icon = ICONS[tone];
  return (
    <div ref={ref} className={css.notice} data-tone={tone} role={alert ? "alert" : undefined}>
      <Icon aria-hidden />
      <div className={css.noticeText}>
        {title !== undefined && <b className={css.noticeTitle}>{title}</b>}
        {children !== undefined && <div className={css.noticeBody}>{children}</div>}
      </div>
      {actions}
    </div>
  );
}
