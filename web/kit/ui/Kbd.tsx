import { isMac, keyCaps } from "../shortcuts/keys.ts";
import css from "./controls.module.css";

/** The key caps of a shortcut; nothing where there is none. Hidden on touch screens, and from screen readers (the control names its keys itself). */
export function Kbd({ keys }: { keys: string | undefined }) {
  if (keys === undefined) return null;
  return (
    <span className={css.keys} aria-hidden="true">
      {keyCaps(keys, isMac()).map((cap) => (
        <kbd className={css.kbd} key={cap}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
