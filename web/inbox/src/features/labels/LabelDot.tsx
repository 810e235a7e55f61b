import type { LabelColour } from "@partyline/kit/api";
import css from "./labels.module.css";

/** The colour of a label; its name always stands beside it. */
export function LabelDot({ colour }: { colour: LabelColour }) {
  return <span className={css.dot} data-colour={colour} aria-hidden />;
}
