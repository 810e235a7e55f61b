import { useChannels, useMe } from "@partyline/kit/react";
import { useEffect, useReducer, type Dispatch } from "react";
import { advance, complete, FRESH, restored, written, type Action, type Draft } from "./wizard.ts";

/** The draft of this tab and this user. `anew`: a finished one is not shown again. */
export function useDraft(anew: boolean): { draft: Draft; send: Dispatch<Action>; forget: () => void } {
  const me = useMe();
  const channels = useChannels();
  const key = `partyline.wizard.${me?.user.id ?? ""}`;
  const [draft, send] = useReducer(advance, key, (kept) => {
    const before = restored(sessionStorage.getItem(kept));
    const now = anew && complete(before) ? FRESH : before;
    // What was under way when the page went may have come to an end.
    return advance(now, { do: "settle", channels });
  });
  useEffect(() => sessionStorage.setItem(key, written(draft)), [key, draft]);
  return { draft, send, forget: () => sessionStorage.removeItem(key) };
}
