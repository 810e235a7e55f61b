import { useState } from "react";
import type { Phone, WireEntry } from "./carrier.ts";
import { readableNumber, texts } from "./texts.ts";

/** Requests that only look, and would bury the rest. */
const lookups = new Set(["list", "numbers", "account", "fetch"]);

interface Props {
  entries: WireEntry[];
  phones: Phone[];
}

/** What went over the wire, newest first. */
export function WireLog({ entries, phones }: Props) {
  const [withLookups, setWithLookups] = useState(false);
  const [open, setOpen] = useState<number | null>(null);
  const shown = entries.filter((entry) => withLookups || isTelling(entry)).toReversed();
  return (
    <section className="wire" aria-labelledby="wire">
      <div className="bar">
        <h2 id="wire">{texts.wire.title}</h2>
        <span className="hint el">{texts.wire.hint}</span>
        <span className="gap" />
        <label className="check">
          <input type="checkbox" checked={withLookups} onChange={(event) => setWithLookups(event.target.checked)} />
          {texts.wire.lookups}
        </label>
        <span className="legend">{texts.wire.touched}</span>
      </div>
      {shown.length === 0 && <p className="nothing">{texts.wire.empty}</p>}
      <ul>
        {shown.map((entry) => (
          <li key={entry.id}>
            <button
              type="button"
              className={entry.faults.length > 0 ? "entry touched num" : "entry num"}
              aria-expanded={open === entry.id}
              onClick={() => setOpen(open === entry.id ? null : entry.id)}
            >
              <span className="at">{texts.exact(entry.at)}</span>
              <span className="target el">{`${entry.method} ${shortTarget(entry)}`}</span>
              <span className="sid">{shortSid(entry.message_sid)}</span>
              <span className="tells el">{sentence(entry, phones)}</span>
              <b className="outcome">{outcome(entry)}</b>
            </button>
            {open === entry.id && <Payload entry={entry} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function isTelling(entry: WireEntry): boolean {
  return !lookups.has(entry.about) || entry.faults.length > 0 || (entry.status ?? 0) >= 400;
}

function shortTarget(entry: WireEntry): string {
  if (entry.side === "to_provider") {
    const path = entry.target.split("?")[0] ?? "";
    return `…/${path.split("/").slice(4).join("/") || path.split("/").at(-1)}`;
  }
  try {
    return new URL(entry.target).pathname;
  } catch {
    return entry.target;
  }
}

function shortSid(sid: string | null): string {
  return sid ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : "";
}

function sentence(entry: WireEntry, phones: Phone[]): string {
  const phone = phones.find((p) => p.number === entry.phone);
  const name = phone?.name ?? readableNumber(entry.phone ?? "");
  const faults = entry.faults.map((fault) => texts.wire.fault[fault] ?? fault);
  const matters = matter(entry, name);
  const unknown = entry.unknown_parameters;
  const what = unknown.length > 0 ? texts.wire.unknown(matters, unknown) : matters;
  return faults.length > 0 ? texts.wire.withFaults(what, faults) : what;
}

function matter(entry: WireEntry, name: string): string {
  if (entry.about === "send") {
    if (entry.segments !== null) return texts.wire.smsOut(name, entry.segments, entry.encoding ?? "");
    const code = refusalCode(entry.response_body);
    return code === null ? texts.wire.sendRefused : texts.wire.sendRefusedWith(code);
  }
  if (entry.about === "inbound") return texts.wire.smsIn(name);
  return texts.wire.about[entry.about] ?? texts.wire.receipt(entry.about, name);
}

/** The provider's code in the body of a refusal. */
function refusalCode(body: string): number | null {
  try {
    const answer: unknown = JSON.parse(body);
    const has = answer !== null && typeof answer === "object" && "code" in answer;
    return has && typeof answer.code === "number" ? answer.code : null;
  } catch {
    return null;
  }
}

function outcome(entry: WireEntry): string {
  if (entry.trouble) return texts.wire.outcome[entry.trouble];
  return entry.status === null ? texts.wire.outcome.waiting : String(entry.status);
}

function Payload({ entry }: { entry: WireEntry }) {
  const latency = entry.latency_ms !== null ? texts.wire.latency(entry.latency_ms) : null;
  return (
    <div className="payload">
      <h3>{texts.wire.request}</h3>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be in reach of the keyboard */}
      <pre tabIndex={0} aria-label={texts.wire.request}>
        {[
          `${entry.method} ${entry.target}`,
          ...entry.request_headers.map(([name, value]) => `${name}: ${value}`),
          "",
          entry.request_body || texts.wire.noBody,
        ].join("\n")}
      </pre>
      <h3>
        {texts.wire.answer}
        {latency && <span className="hint num">{latency}</span>}
      </h3>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be in reach of the keyboard */}
      <pre tabIndex={0} aria-label={texts.wire.answer}>
        {entry.status === null ? texts.wire.noAnswer : `${entry.status}\n\n${readable(entry.response_body)}`}
      </pre>
    </div>
  );
}

/** JSON over several lines, anything else as it is. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body || texts.wire.noBody;
  }
}
