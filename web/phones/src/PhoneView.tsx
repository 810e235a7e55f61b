import { BatteryFull, Building2, CircleAlert, Plane, Signal, SignalZero } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type Message, type Phone, type State, switchPhone } from "./carrier.ts";
import { Composer } from "./Composer.tsx";
import { readableNumber, texts } from "./texts.ts";

/** One phone, with the thread between it and one number of the business. */
export function PhoneView({ phone, state }: { phone: Phone; state: State }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const number = chosen ?? lastNumber(phone, state) ?? state.numbers[0]?.phone_number ?? "";
  const messages = state.messages.filter((message) => message.phone === phone.number && message.number === number);
  const hasHook = state.numbers.some((n) => n.phone_number === number && n.sms_url !== "");
  return (
    <section className="phone" aria-label={texts.phone.region(phone.name)}>
      <div className="owner">
        <h2 className="el">{phone.name}</h2>
        {phone.name !== phone.number && <span className="own num">{readableNumber(phone.number)}</span>}
        <span className="gap" />
        {phone.opted_out.includes(number) && <span className="chip danger">{texts.phone.optedOut}</span>}
        <button
          type="button"
          role="switch"
          aria-checked={phone.on}
          className={phone.on ? "chip ok" : "chip"}
          aria-label={phone.on ? texts.phone.isOnNamed(phone.name) : texts.phone.isOffNamed(phone.name)}
          title={phone.on ? texts.phone.switchOff : texts.phone.switchOn}
          onClick={() => void switchPhone(phone.number, !phone.on).catch(() => {})}
        >
          {phone.on ? texts.phone.on : texts.phone.off}
        </button>
      </div>
      <div className="shell">
        <StatusBar phone={phone} />
        <div className="peer">
          <span className="face">
            <Building2 aria-hidden />
          </span>
          <span className="names">
            <b className="el">{state.accounts[0]?.friendly_name}</b>
            <select
              className="num"
              aria-label={texts.phone.textTo}
              value={number}
              onChange={(event) => setChosen(event.target.value)}
            >
              {state.numbers.map((n) => (
                <option key={n.phone_number} value={n.phone_number}>
                  {`${readableNumber(n.phone_number)} ${n.friendly_name}`}
                </option>
              ))}
            </select>
          </span>
        </div>
        <Thread phone={phone} messages={messages} hasHook={hasHook} />
        <Composer phone={phone} number={number} />
      </div>
    </section>
  );
}

/** The number that was in touch last. */
function lastNumber(phone: Phone, state: State): string | undefined {
  return state.messages.findLast((message) => message.phone === phone.number)?.number;
}

/** The time now, anew every `ms`. */
function useNow(ms: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return now;
}

function StatusBar({ phone }: { phone: Phone }) {
  const now = useNow(10_000);
  return (
    <div className="status num" aria-hidden>
      <b>{texts.clock(now)}</b>
      <span className="gap" />
      <span className="el">{phone.on ? phone.network : texts.phone.noSignal}</span>
      {phone.on ? <Signal /> : <SignalZero />}
      <BatteryFull />
    </div>
  );
}

interface ThreadProps {
  phone: Phone;
  messages: Message[];
  hasHook: boolean;
}

function Thread({ phone, messages, hasHook }: ThreadProps) {
  const log = useRef<HTMLDivElement>(null);
  const shown = messages.filter(isSeen);
  const newest = shown.at(-1);
  useEffect(() => {
    // Zero is the foot: the log is turned over.
    if (newest) log.current?.scrollTo({ top: 0 });
  }, [newest]);
  const lastOwn = shown.findLast((message) => message.direction === "from_phone");
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be in reach of the keyboard
    <div className="thread" ref={log} role="log" aria-label={texts.phone.log(phone.name)} tabIndex={0}>
      <div className="texts">
        <div className="push" />
        {shown.length === 0 && phone.on && <p className="empty">{texts.phone.empty}</p>}
        {!phone.on && (
          <p className="empty">
            <span className="face">
              <Plane aria-hidden />
            </span>
            {texts.phone.isOff}
          </p>
        )}
        {shown.map((message) => (
          <Bubble
            key={message.sid}
            message={message}
            foot={message === lastOwn ? outgoingFoot(message, hasHook) : null}
          />
        ))}
      </div>
    </div>
  );
}

/** A phone shows what it sent, what reached it, and (as a help) what waits for it to come on. */
function isSeen(message: Message): boolean {
  return (
    message.direction !== "to_phone" ||
    message.status === "delivered" ||
    message.fails_at !== null ||
    message.error_code === 30003
  );
}

function outgoingFoot(message: Message, hasHook: boolean): string {
  const status = message.webhook_status;
  if (status === null) return hasHook ? texts.outgoing.waiting : texts.outgoing.noHook;
  if (status === 0) return texts.outgoing.unanswered;
  return status < 300 ? texts.outgoing.delivered : texts.outgoing.refused(status);
}

function Bubble({ message, foot }: { message: Message; foot: string | null }) {
  const isOwn = message.direction === "from_phone";
  const isLate = message.fails_at !== null || message.error_code !== null;
  const kind = `message${isOwn ? " own" : ""}${isLate ? " late" : ""}`;
  return (
    <div className={kind}>
      {message.media.map((media) =>
        media.content_type.startsWith("image/") ? (
          <a key={media.sid} href={media.path} target="_blank" rel="noreferrer">
            <img src={media.path} alt={texts.phone.picture} />
          </a>
        ) : (
          <a key={media.sid} className="bubble" href={media.path} target="_blank" rel="noreferrer">
            {`${texts.phone.file} (${media.content_type})`}
          </a>
        ),
      )}
      {message.text !== "" && <div className="bubble">{message.text}</div>}
      {message.fails_at !== null && <FailsIn at={message.fails_at} />}
      {message.error_code !== null && (
        <div className="foot bad">
          <CircleAlert aria-hidden />
          {texts.phone.failed(message.error_code)}
        </div>
      )}
      {message.direction === "automatic" && <div className="foot">{texts.phone.automatic}</div>}
      {foot !== null && <div className="foot">{foot}</div>}
    </div>
  );
}

function FailsIn({ at }: { at: string }) {
  const now = useNow(1_000);
  const seconds = Math.max(0, Math.ceil((Date.parse(at) - now.getTime()) / 1_000));
  return (
    <div className="foot bad num">
      <CircleAlert aria-hidden />
      {texts.phone.failsIn(seconds)}
    </div>
  );
}
