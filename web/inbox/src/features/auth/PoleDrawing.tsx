import { useLingui } from "@lingui/react/macro";
import { clockTime } from "@partyline/kit/i18n";
import { ChannelMark, type MarkKind } from "@partyline/kit/ui";
import css from "./SignInPage.module.css";

type Hanging = { kind: MarkKind; text: string; hour: number; minute: number; x: number; y: number; width: number };

/** A telephone pole whose lines carry what people write. Decoration: it says nothing that is not said elsewhere. */
export function PoleDrawing() {
  const { t } = useLingui();
  const hanging: Hanging[] = [
    { kind: "sms", text: t`The water heater in 4B is leaking again`, hour: 8, minute: 58, x: 48, y: 452, width: 188 },
    { kind: "email", text: t`Lien waiver for 44 Quarry Road, signed`, hour: 8, minute: 12, x: 200, y: 600, width: 220 },
    { kind: "chat", text: t`Do you allow two cats?`, hour: 9, minute: 35, x: 322, y: 440, width: 168 },
    { kind: "whatsapp", text: t`Fob works now, thank you!`, hour: 9, minute: 20, x: 556, y: 476, width: 140 },
  ];
  return (
    <div className={css.drawing} aria-hidden="true">
      <svg viewBox="0 0 720 900" preserveAspectRatio="xMidYMax meet" fill="none">
        <g stroke="var(--line-strong)" strokeWidth="1.5" opacity=".7">
          <path d="M-420 60Q-150 168 -20 250Q250 420 520 300Q640 350 760 330Q940 300 1140 220" />
          <path d="M-420 92Q-150 200 -20 282Q250 452 520 332Q640 382 760 362Q940 332 1140 252" />
        </g>
        <path d="M520 900V256" stroke="var(--line-strong)" strokeWidth="6" />
        <path d="M464 300h112M476 332h88" stroke="var(--line-strong)" strokeWidth="5" strokeLinecap="round" />
        <path d="M110 315V452M250 380V600M390 341V440M620 362V476" stroke="var(--line-strong)" strokeWidth="1.5" />
        <g fill="var(--bg-sunken)" stroke="var(--line-strong)" strokeWidth="2">
          <circle cx="250" cy="380" r="5" />
          <circle cx="390" cy="341" r="5" />
          <circle cx="620" cy="362" r="5" />
        </g>
        <circle cx="110" cy="315" r="7" fill="#ffc64d" stroke="var(--bg-sunken)" strokeWidth="3" />
        {hanging.map(({ kind, text, hour, minute, x, y, width }) => (
          <foreignObject key={kind} x={x} y={y} width={width} height="100">
            <div className={css.bubble}>{text}</div>
            <div className={css.meta}>
              <ChannelMark kind={kind} />
              {clockTime(new Date(2026, 10, 24, hour, minute))}
            </div>
          </foreignObject>
        ))}
      </svg>
      <p className={css.claim}>{t`One number, the whole team, and nobody talks over anybody.`}</p>
    </div>
  );
}
