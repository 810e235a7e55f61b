import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { wholeNumber } from "@partyline/kit/i18n";
import { Kbd, Spinner } from "@partyline/kit/ui";
import { Search } from "@partyline/kit/ui/icons";
import { useEffect, useRef, useState, type Ref } from "react";
import { partsOf } from "./query.ts";
import css from "./search.module.css";
import type { Results } from "./useFound.ts";

type Props = {
  ref: Ref<HTMLInputElement>;
  text: string;
  results: Results | null;
  busy: boolean;
  onChange: (q: string) => void;
  /** To what was found. */
  onDown: () => void;
};

/** The box. Operators in it stand on a tint, which lies behind the field and scrolls with it. */
export function SearchBox({ ref, text, results, busy, onChange, onDown }: Props) {
  const { t } = useLingui();
  const behind = useRef<HTMLDivElement>(null);
  // The field is ahead of the address by what is being composed.
  const [typed, setTyped] = useState(text);
  const [told, setTold] = useState(text);
  if (told !== text) {
    setTold(text);
    setTyped(text);
  }
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!window.matchMedia("(pointer: coarse)").matches || text === "") field.current?.focus();
    // oxlint-disable-next-line react/exhaustive-deps -- once, when the page opens
  }, []);
  const parts = results ? partsOf(typed, results.q, results.terms) : [];
  return (
    <div className={css.bar}>
      <div className={css.box}>
        <Search aria-hidden />
        <div className={css.field}>
          <div className={css.behind} ref={behind} aria-hidden="true">
            {parts.map((part, at) =>
              part.operator ? (
                // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no other identity
                <mark key={at}>{part.text}</mark>
              ) : (
                part.text
              ),
            )}
          </div>
          <input
            ref={(element) => {
              field.current = element;
              if (typeof ref === "function") ref(element);
              else if (ref) ref.current = element;
            }}
            type="text"
            inputMode="search"
            enterKeyHint="search"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-label={t`Search everything`}
            placeholder={t`Search everything`}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              if (!(event.nativeEvent as InputEvent).isComposing) {
                setTold(event.target.value);
                onChange(event.target.value);
              }
            }}
            onCompositionEnd={(event) => onChange(event.currentTarget.value)}
            onScroll={(event) => {
              if (behind.current) behind.current.scrollLeft = event.currentTarget.scrollLeft;
            }}
            onKeyDown={(event) => {
              if (event.nativeEvent.isComposing || (event.key !== "ArrowDown" && event.key !== "Enter")) return;
              event.preventDefault();
              onDown();
            }}
          />
        </div>
        {busy ? <Spinner /> : results && results.q === text && <span className={css.took}>{tookWords(results)}</span>}
        <Kbd keys="Escape" />
      </div>
    </div>
  );
}

function tookWords({ hits, next, tookMs }: Results): string {
  const count = wholeNumber(hits.length);
  if (next) return plural(tookMs, { other: `${count}+ in # ms` });
  return plural(tookMs, { other: `${count} in # ms` });
}
