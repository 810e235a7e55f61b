import { ArrowUp, ImagePlus, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { type Phone, Refused, sendText } from "./carrier.ts";
import { refusal, texts } from "./texts.ts";

/** The line a person writes in. Enter sends, Shift+Enter breaks the line; pictures by button, paste or drop. */
export function Composer({ phone, number }: { phone: Phone; number: string }) {
  const [text, setText] = useState("");
  const [pictures, setPictures] = useState<File[]>([]);
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const canSend = phone.on && !sending && (text.trim() !== "" || pictures.length > 0);

  const send = async () => {
    if (!canSend) return;
    setSending(true);
    try {
      await sendText(phone.number, number, text, pictures);
      setText("");
      setPictures([]);
      setError(null);
    } catch (problem) {
      setError(refusal(problem instanceof Refused ? problem.code : "other"));
    } finally {
      setSending(false);
    }
  };

  const onKey = (event: KeyboardEvent) => {
    // While an input method is composing, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send();
    }
  };

  const add = (files: FileList | null) => {
    if (files) setPictures((now) => [...now, ...files]);
  };

  return (
    <div
      className="composer"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        add(event.dataTransfer.files);
      }}
    >
      {error !== null && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {pictures.length > 0 && (
        <div className="previews">
          {pictures.map((picture) => (
            <Preview
              key={`${picture.name} ${picture.lastModified} ${picture.size}`}
              picture={picture}
              onRemove={() => setPictures((now) => now.filter((other) => other !== picture))}
            />
          ))}
        </div>
      )}
      <div className="line">
        <button
          type="button"
          className="round quiet"
          aria-label={texts.phone.attach}
          title={texts.phone.attach}
          disabled={!phone.on}
          onClick={() => picker.current?.click()}
        >
          <ImagePlus aria-hidden />
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept="image/*,audio/*,video/*,application/pdf"
          onChange={(event) => {
            add(event.target.files);
            event.target.value = "";
          }}
        />
        <textarea
          rows={1}
          value={text}
          maxLength={1_600}
          placeholder={texts.phone.placeholder}
          aria-label={texts.phone.composer(phone.name)}
          disabled={!phone.on}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
          onPaste={(event) => add(event.clipboardData.files)}
        />
        <button
          type="button"
          className="round go"
          aria-label={texts.phone.send}
          title={texts.phone.send}
          disabled={!canSend}
          onClick={() => void send()}
        >
          <ArrowUp aria-hidden />
        </button>
      </div>
    </div>
  );
}

function Preview({ picture, onRemove }: { picture: File; onRemove: () => void }) {
  const url = useMemo(() => URL.createObjectURL(picture), [picture]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return (
    <span className="preview">
      {picture.type.startsWith("image/") ? (
        <img src={url} alt={picture.name} />
      ) : (
        <span className="el">{picture.name}</span>
      )}
      <button type="button" aria-label={texts.phone.remove(picture.name)} onClick={onRemove}>
        <X aria-hidden />
      </button>
    </span>
  );
}
