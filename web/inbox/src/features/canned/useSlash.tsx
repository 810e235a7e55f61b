import { t } from "@lingui/core/macro";
import { ApiProblem, type CannedResponse, type RenderedResponse, type RenderIn } from "@partyline/kit/api";
import { lately, useApp, useCanned } from "@partyline/kit/react";
import { showToast } from "@partyline/kit/ui";
import { Suspense, useId, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { ranked, slashQuery } from "./model.ts";

const { Lately: CannedList, fetch: fetchList } = lately(async () => (await import("./CannedList.tsx")).CannedList);
const { Lately: MissingForm } = lately(async () => (await import("./MissingForm.tsx")).MissingForm);

/** For whom a response is filled in: a conversation, or a contact that none is with yet. */
export type ForWhom = Pick<RenderIn, "conversation_id" | "contact">;
/** What a response became, for the message that it goes into. */
export type Inserted = { response: CannedResponse; rendered: RenderedResponse; text: string; caret: number };

type Options = {
  box: RefObject<HTMLTextAreaElement | null>;
  text: string;
  whom: ForWhom;
  enabled: boolean;
  onInsert: (inserted: Inserted) => void;
};
/** What goes in when it is filled in: in which field, and in place of what. */
type Place = { field: HTMLTextAreaElement | null; slash: string };
type Asked = Place & { response: CannedResponse; rendered: RenderedResponse };

export type Slash = {
  /** Answers whether the key was for the list. */
  keys: (event: KeyboardEvent<HTMLTextAreaElement>) => boolean;
  /** Call it with where the caret is, whenever it moves; null while characters are being composed, or the focus is gone. */
  caret: (at: number | null) => void;
  /** For the text field, while the list is open. */
  aria: Record<string, string | undefined>;
  /** The list; beside the text field. */
  list: ReactNode;
  /** The form for what is missing; outside of any other form. */
  form: ReactNode;
  /** Puts one in where the caret is. */
  use: (response: CannedResponse) => void;
};

/** Canned responses in a text field: "/" at the start of a word offers them, and what they lack is asked for. */
export function useSlash({ box, text, whom, enabled, onInsert }: Options): Slash {
  const { client } = useApp();
  const listId = useId();
  const responses = useCanned();
  const [caret, setCaret] = useState<number | null>(null);
  const [at, setAt] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const [preview, setPreview] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);

  const query = enabled && caret !== null ? slashQuery(text, caret) : null;
  const found = query === null || query === dismissed ? [] : ranked(responses, query);
  const open = found.length > 0;
  const active = Math.min(at, found.length - 1);

  const render = (response: CannedResponse, values: Record<string, string>, take: boolean) =>
    client.post<RenderedResponse>(`/canned_responses/${response.id}/render`, { ...whom, values, take_files: take });

  const insert = (response: CannedResponse, rendered: RenderedResponse, { field, slash }: Place) => {
    // another conversation is on the screen by now
    if (field !== box.current) return;
    const now = field?.value ?? text;
    const to = field?.selectionEnd ?? now.length;
    const from = field?.selectionStart ?? now.length;
    // what was typed after the slash goes; where there is none, or another by now, it goes in at the caret
    const start = slash !== "" && now.slice(0, to).endsWith(slash) ? to - slash.length : from;
    onInsert({
      response,
      rendered,
      text: now.slice(0, start) + rendered.text + now.slice(to),
      caret: start + rendered.text.length,
    });
  };
  const use = (response: CannedResponse, slash = "") => {
    setDismissed(query);
    setPreview(false);
    setAt(0);
    const place: Place = { field: box.current, slash };
    render(response, {}, true).then(
      (rendered) => {
        if (rendered.missing.some(({ in_text }) => in_text)) setAsked({ ...place, response, rendered });
        else insert(response, rendered, place);
      },
      (problem: unknown) => {
        const detail = problem instanceof ApiProblem ? problem.detail : t`The server can’t be reached. Try again.`;
        showToast({ id: "canned", text: detail, tone: "danger" });
      },
    );
  };
  const choose = (response: CannedResponse | undefined) => response && use(response, `/${query ?? ""}`);

  const keys = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    if (!open || event.nativeEvent.isComposing || event.ctrlKey || event.metaKey) return false;
    const { key, altKey } = event;
    if (key === "Enter" && altKey) setPreview(!preview);
    else if (altKey || event.shiftKey) return false;
    else if (key === "ArrowDown") setAt((active + 1) % found.length);
    else if (key === "ArrowUp") setAt((active + found.length - 1) % found.length);
    else if (key === "Enter" || key === "Tab") choose(found[active]);
    else if (key === "Escape") setDismissed(query);
    else return false;
    event.preventDefault();
    return true;
  };

  return {
    keys,
    caret: (to) => {
      setCaret(to);
      const typed = to === null || !enabled ? null : slashQuery(box.current?.value ?? text, to);
      if (typed !== null) void fetchList();
      if (typed !== query) setAt(0);
      // what was put aside stays so until something else is typed
      if (typed !== dismissed) setDismissed(null);
      if (typed === null) setPreview(false);
    },
    aria: open
      ? { "aria-controls": listId, "aria-haspopup": "listbox", "aria-activedescendant": `${listId}-${active}` }
      : {},
    list: open && (
      <Suspense fallback={null}>
        <CannedList
          id={listId}
          box={box}
          start={(caret ?? 0) - (query?.length ?? 0) - 1}
          found={found}
          active={active}
          preview={preview ? (response) => render(response, {}, false) : null}
          onPoint={setAt}
          onChoose={choose}
        />
      </Suspense>
    ),
    form: asked && (
      <Suspense fallback={null}>
        <MissingForm
          name={asked.response.name}
          rendered={asked.rendered}
          fill={(values) => render(asked.response, values, true)}
          onClose={() => setAsked(null)}
          onDone={(rendered) => {
            setAsked(null);
            // the dialog gives the focus back first
            requestAnimationFrame(() => insert(asked.response, rendered, asked));
          }}
        />
      </Suspense>
    ),
    use,
  };
}
