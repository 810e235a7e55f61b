import type { RenderedResponse } from "@partyline/kit/api";
import { withPlaces } from "./model.ts";

/** A text, with what is still missing in it marked. */
export function Filled({ text, missing }: Pick<RenderedResponse, "text" | "missing">) {
  return withPlaces(text, missing).map((part) =>
    part.place ? <mark key={part.at}>{part.text}</mark> : <span key={part.at}>{part.text}</span>,
  );
}
