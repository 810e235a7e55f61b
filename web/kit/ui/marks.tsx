import { useLingui } from "@lingui/react/macro";
import type { CSSProperties, ReactNode } from "react";
import type { ChannelKind } from "../api/types.ts";
import css from "./controls.module.css";
import { Mail, MessageCircle, MessageSquare, MessagesSquare, Phone } from "./icons.ts";

export function Chip({ tone, children }: { tone?: "ok" | "warn" | "danger" | "accent"; children: ReactNode }) {
  return (
    <span className={css.chip} data-tone={tone}>
      {children}
    </span>
  );
}

/** Share of the target from which waiting is `soon`. */
const SOON = 0.7;
const CIRCUMFERENCE = 2 * Math.PI * 4.5;

export type WaitState = "calm" | "soon" | "over";
export function waitState(fraction: number): WaitState {
  if (fraction >= 1) return "over";
  return fraction >= SOON ? "soon" : "calm";
}

/** A ring that fills towards the target, with the time beside it. `fraction` is the share of the target that has passed. */
export function WaitRing({ fraction, title, children }: { fraction: number; title: string; children: ReactNode }) {
  const filled = Math.min(Math.max(fraction, 0.06), 1) * CIRCUMFERENCE;
  return (
    <span className={css.wait} data-state={waitState(fraction)} data-tip={title}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeOpacity=".25" strokeWidth="2" />
        <circle
          cx="6"
          cy="6"
          r="4.5"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeDasharray={`${filled} ${CIRCUMFERENCE}`}
          transform="rotate(-90 6 6)"
        />
      </svg>
      {children}
    </span>
  );
}

/** The three dots of somebody who types. */
export function Dots() {
  return (
    <span className={css.dots} aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}

const CHANNEL_ICONS = {
  sms: MessageSquare,
  email: Mail,
  whatsapp: MessageCircle,
  chat: MessagesSquare,
  call: Phone,
} as const;

/** A channel is always an icon and a word. There are marks for more kinds than today's server has. */
export type MarkKind = ChannelKind | keyof typeof CHANNEL_ICONS;

export function ChannelMark({ kind }: { kind: MarkKind }) {
  const { t } = useLingui();
  const words = { sms: t`SMS`, email: t`Email`, whatsapp: t`WhatsApp`, chat: t`Chat`, call: t`Call` };
  const Icon = CHANNEL_ICONS[kind];
  return (
    <span className={css.channel} data-kind={kind}>
      <Icon aria-hidden />
      {words[kind]}
    </span>
  );
}

export function Skeleton({
  width,
  height = 12,
  style,
}: {
  width: number | string;
  height?: number;
  style?: CSSProperties;
}) {
  return <span className={css.skeleton} style={{ width, height, ...style }} aria-hidden="true" />;
}

export function Spinner() {
  return <span className={css.spinner} aria-hidden="true" />;
}
