import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { addPhone, Refused } from "./carrier.ts";
import { refusal, texts } from "./texts.ts";

/** The dialog that adds a phone. Escape and Cancel close it. */
export function NewPhone({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState("");
  const [number, setNumber] = useState("+1");
  const [error, setError] = useState<string | null>(null);
  const ids = { name: useId(), number: useId(), hint: useId() };
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await addPhone(number.replace(/[\s().-]/g, ""), name.trim());
      onClose();
    } catch (problem) {
      setError(refusal(problem instanceof Refused ? problem.code : "other"));
    }
  };

  return (
    <dialog ref={dialog} className="dialog" aria-label={texts.newPhone.title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{texts.newPhone.title}</h2>
        <label htmlFor={ids.name}>{texts.newPhone.name}</label>
        <input
          id={ids.name}
          value={name}
          maxLength={60}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        <label htmlFor={ids.number}>{texts.newPhone.number}</label>
        <input
          id={ids.number}
          type="tel"
          value={number}
          autoComplete="off"
          aria-describedby={ids.hint}
          aria-invalid={error !== null}
          onChange={(event) => setNumber(event.target.value)}
        />
        <p id={ids.hint} className={error ? "error" : "hint"} role={error ? "alert" : undefined}>
          {error ?? texts.newPhone.hint}
        </p>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {texts.newPhone.cancel}
          </button>
          <button type="submit" className="button primary">
            {texts.newPhone.add}
          </button>
        </div>
      </form>
    </dialog>
  );
}
