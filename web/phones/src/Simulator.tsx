import { Plus, RotateCcw } from "lucide-react";
import { useState } from "react";
import { startOver } from "./carrier.ts";
import { FaultPanel } from "./FaultPanel.tsx";
import { useLive } from "./live.ts";
import { NewPhone } from "./NewPhone.tsx";
import { PhoneView } from "./PhoneView.tsx";
import { texts } from "./texts.ts";
import { WireLog } from "./WireLog.tsx";

/** The whole page: phones, the wire below them, the faults beside. */
export function Simulator() {
  const { state, connected } = useLive();
  const [adding, setAdding] = useState(false);
  return (
    <div className="page">
      <header className="head">
        <h1>{texts.title}</h1>
        <span className="chip accent">{texts.safe}</span>
        <span className="gap" />
        {state && <span className="seed num">{texts.seed(state.seed)}</span>}
        <button type="button" className="button" aria-label={texts.addPhoneLabel} onClick={() => setAdding(true)}>
          <Plus aria-hidden />
          {texts.addPhone}
        </button>
        <button type="button" className="button" onClick={() => void startOver().catch(() => {})}>
          <RotateCcw aria-hidden />
          {texts.startOver}
        </button>
        {state?.inbox_url && (
          <a className="button" href={state.inbox_url} target="_blank" rel="noreferrer">
            {texts.openInbox}
          </a>
        )}
      </header>
      {!connected && (
        <p className="lost" role="status">
          {texts.lost}
        </p>
      )}
      {state ? (
        <div className="desk">
          <main className="left">
            <section className="phones" aria-label={texts.phones}>
              {state.phones.map((phone) => (
                <PhoneView key={phone.number} phone={phone} state={state} />
              ))}
            </section>
            <WireLog entries={state.wire} phones={state.phones} />
          </main>
          <FaultPanel state={state} />
        </div>
      ) : (
        <p className="loading" role="status">
          {texts.loading}
        </p>
      )}
      {adding && <NewPhone onClose={() => setAdding(false)} />}
    </div>
  );
}
