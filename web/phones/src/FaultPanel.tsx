import { CircleAlert, CircleCheck } from "lucide-react";
import { type ReactNode, useState } from "react";
import { changeFaults, type FaultName, type Faults, type State, switchPhone, type WireEntry } from "./carrier.ts";
import { texts } from "./texts.ts";

/** A fault that has an amount: what can be picked, and how it is written. */
interface Amount {
  choices: number[];
  write: (amount: number) => string;
}

const seconds: Amount["write"] = (count) =>
  count < 60 ? texts.faults.seconds(count) : texts.faults.minutes(count / 60);

const amounts: Partial<Record<FaultName, Amount>> = {
  hold_receipts_s: { choices: [5, 30, 120, 600], write: seconds },
  lose_receipts_percent: { choices: [10, 50, 100], write: texts.faults.percent },
  send_latency_ms: {
    choices: [1_000, 5_000, 20_000],
    write: (ms) => texts.faults.seconds(ms / 1_000),
  },
  down_s: { choices: [30, 120, 600], write: seconds },
};

const groups: { title: string; faults: (FaultName | "phone_off")[] }[] = [
  {
    title: texts.faults.groups.webhooks,
    faults: ["duplicate_webhooks", "hold_receipts_s", "shuffle_receipts", "lose_receipts_percent", "wrong_signature"],
  },
  {
    title: texts.faults.groups.carrier,
    faults: ["phone_off", "filter_as_spam", "landline", "refuse_opted_out"],
  },
  {
    title: texts.faults.groups.provider,
    faults: ["send_latency_ms", "too_many_requests", "server_error", "drop_after_accept", "down_s"],
  },
];

/** Everything that can go wrong, each with the promise that it tests. */
export function FaultPanel({ state }: { state: State }) {
  return (
    <aside className="faults" aria-labelledby="faults">
      <h2 id="faults">{texts.faults.title}</h2>
      <p className="lead">{texts.faults.lead}</p>
      {groups.map((group) => (
        <section key={group.title} aria-label={group.title}>
          <h3>{group.title}</h3>
          {group.faults.map((fault) =>
            fault === "phone_off" ? (
              <PhoneOff key={fault} state={state} />
            ) : (
              <Fault key={fault} name={fault} faults={state.faults} />
            ),
          )}
        </section>
      ))}
      <Tally wire={state.wire} />
    </aside>
  );
}

function Fault({ name, faults }: { name: FaultName; faults: Faults }) {
  const value = faults[name];
  const amount = amounts[name];
  const [picked, setPicked] = useState(amount?.choices[0] ?? 0);
  const isOn = value === true || (typeof value === "number" && value > 0);
  const set = (next: number | boolean) => void changeFaults({ [name]: next }).catch(() => {});
  // An outage counts down, so what was picked stays in the box.
  const shown = isOn && amount?.choices.includes(Number(value)) ? Number(value) : picked;
  return (
    <Row name={name} isOn={isOn} note={noteOf(name, value)} onToggle={() => set(amount ? (isOn ? 0 : shown) : !isOn)}>
      {amount && (
        <select
          className="num"
          aria-label={texts.faults.amountOf(texts.faults.names[name]?.[0] ?? name)}
          value={shown}
          onChange={(event) => {
            const next = Number(event.target.value);
            setPicked(next);
            if (isOn) set(next);
          }}
        >
          {amount.choices.map((choice) => (
            <option key={choice} value={choice}>
              {amount.write(choice)}
            </option>
          ))}
        </select>
      )}
    </Row>
  );
}

/** What a counted fault or an outage has left. */
function noteOf(name: FaultName, value: number | boolean): string | null {
  if (typeof value !== "number" || value === 0) return null;
  if (name === "down_s") return texts.faults.left(value);
  return name in amounts ? null : texts.faults.times(value);
}

function PhoneOff({ state }: { state: State }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const phone = state.phones.find((p) => p.number === chosen) ?? state.phones.find((p) => !p.on) ?? state.phones[0];
  if (!phone) return null;
  return (
    <Row
      name="phone_off"
      isOn={!phone.on}
      note={null}
      onToggle={() => {
        setChosen(phone.number);
        void switchPhone(phone.number, !phone.on).catch(() => {});
      }}
    >
      <select
        aria-label={texts.faults.whichPhone}
        value={phone.number}
        onChange={(event) => setChosen(event.target.value)}
      >
        {state.phones.map((p) => (
          <option key={p.number} value={p.number}>
            {p.name}
          </option>
        ))}
      </select>
    </Row>
  );
}

interface RowProps {
  name: string;
  isOn: boolean;
  note: string | null;
  onToggle: () => void;
  children: ReactNode;
}

function Row({ name, isOn, note, onToggle, children }: RowProps) {
  const [title, promise] = texts.faults.names[name] ?? [name, ""];
  const id = `fault-${name}`;
  return (
    <div className={isOn ? "fault on" : "fault"}>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={isOn}
        aria-labelledby={id}
        aria-describedby={`${id}-promise`}
        onClick={onToggle}
      />
      <span className="what">
        <span id={id} className="name">
          {title}
        </span>
        <span id={`${id}-promise`} className="promise num">
          {note ?? promise}
        </span>
      </span>
      {children}
    </div>
  );
}

/** How the inbox took the webhooks that left. */
function Tally({ wire }: { wire: WireEntry[] }) {
  const left = wire.filter(
    (line) =>
      line.side === "to_inbox" && (line.status !== null || line.trouble === "timeout" || line.trouble === "connect"),
  );
  const bad = left.filter((line) => line.status === null || line.status >= 300).length;
  if (left.length === 0) return null;
  return bad === 0 ? (
    <p className="tally good">
      <CircleCheck aria-hidden />
      {texts.faults.allAnswered(left.length)}
    </p>
  ) : (
    <p className="tally bad">
      <CircleAlert aria-hidden />
      {texts.faults.someUnanswered(bad, left.length)}
    </p>
  );
}
