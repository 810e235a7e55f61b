import { clockTime, fullWhen } from "@partyline/kit/i18n";
import css from "./thread.module.css";

/** The time of day; the tooltip has the day. */
export function When({ at, plain }: { at: string; plain?: boolean }) {
  const when = new Date(at);
  return (
    <time dateTime={at} className={plain ? "num" : css.when} data-tip={fullWhen(when)}>
      {clockTime(when)}
    </time>
  );
}
