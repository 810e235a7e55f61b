import { Plural, useLingui } from "@lingui/react/macro";
import type { CannedResponse, RenderedResponse } from "@partyline/kit/api";
import { useTeams } from "@partyline/kit/react";
import { Kbd, Skeleton } from "@partyline/kit/ui";
import { Paperclip } from "@partyline/kit/ui/icons";
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import css from "./canned.module.css";
import { caretBox } from "./caretBox.ts";
import { Filled } from "./Filled.tsx";
import { firstLine } from "./model.ts";

/** px between the text and the list, and between the list and the edge of the window. */
const GAP = 6;
const EDGE = 8;

type Props = {
  id: string;
  box: RefObject<HTMLTextAreaElement | null>;
  /** Where the slash stands. */
  start: number;
  found: readonly CannedResponse[];
  active: number;
  /** Fills one in to be looked at; null while nobody wants to. */
  preview: ((response: CannedResponse) => Promise<RenderedResponse>) | null;
  onPoint: (at: number) => void;
  onChoose: (response: CannedResponse) => void;
};

/** The list under the caret. The text field keeps the focus and the keys. */
export function CannedList({ id, box, start, found, active, preview, onPoint, onChoose }: Props) {
  const { t } = useLingui();
  const teams = useTeams();
  const pop = useRef<HTMLDivElement>(null);
  const current = found[active];

  // Every time: what it says decides how high it is.
  useLayoutEffect(() => {
    const [field, list] = [box.current, pop.current];
    if (!field || !list) return;
    const place = () => {
      const caret = caretBox(field, start);
      const { width, height } = list.getBoundingClientRect();
      const below = caret.bottom + GAP;
      const fits = below + height + EDGE <= window.innerHeight;
      // above it is held at its lower edge, so that it may grow without covering what is typed
      list.style.top = fits ? `${below}px` : "auto";
      list.style.bottom = fits ? "auto" : `${window.innerHeight - caret.top + GAP}px`;
      list.style.left = `${Math.max(EDGE, Math.min(caret.left, window.innerWidth - width - EDGE))}px`;
    };
    place();
    window.addEventListener("resize", place);
    return () => window.removeEventListener("resize", place);
  });
  useEffect(() => {
    pop.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current?.id]);

  return (
    <div className={css.pop} ref={pop}>
      <div id={id} role="listbox" aria-label={t`Canned responses`} className={css.rows}>
        {found.map((response, index) => (
          // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- the text field has the keys
          <div
            key={response.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            className={css.row}
            onPointerMove={() => index !== active && onPoint(index)}
            onMouseDown={(event) => {
              event.preventDefault();
              onChoose(response);
            }}
          >
            <span className={css.rowHead}>
              <b className="el">{response.name}</b>
              {response.shortcut !== null && <span className={css.shortcut}>/{response.shortcut}</span>}
              {response.attachments.length > 0 && <Paperclip aria-label={t`with files`} />}
              <span className={css.gap} />
              <span className={css.whose}>
                {response.scope === "personal"
                  ? t`Yours`
                  : response.scope === "team"
                    ? teams.find((team) => team.id === response.team_id)?.name
                    : null}
              </span>
            </span>
            <span className={`el ${css.line}`}>{firstLine(response.text)}</span>
          </div>
        ))}
      </div>
      {preview && current && <Preview key={current.id} response={current} fill={preview} />}
      <div className={css.keys} aria-hidden="true">
        <span>
          <Kbd keys="Enter" /> {t`insert`}
        </span>
        <span>
          <Kbd keys="Alt+Enter" /> {preview ? t`hide the preview` : t`preview`}
        </span>
        <span>
          <Kbd keys="Escape" /> {t`close`}
        </span>
      </div>
      <span className="sr" role="status">
        <Plural value={found.length} one="# canned response" other="# canned responses" />
      </span>
    </div>
  );
}

function Preview({
  response,
  fill,
}: {
  response: CannedResponse;
  fill: (response: CannedResponse) => Promise<RenderedResponse>;
}) {
  const { t } = useLingui();
  const [rendered, setRendered] = useState<RenderedResponse | "failed" | null>(null);
  // The row is keyed by its response: it is asked for once.
  const [ask] = useState(() => () => fill(response));
  useEffect(() => {
    let wanted = true;
    ask().then(
      (value) => wanted && setRendered(value),
      () => wanted && setRendered("failed"),
    );
    return () => {
      wanted = false;
    };
  }, [ask]);
  return (
    <div className={css.preview} role="status" aria-label={t`Preview`}>
      {rendered === null ? (
        <Skeleton width="80%" />
      ) : rendered === "failed" ? (
        <p className={css.failed}>{t`It could not be filled in. The server does not answer.`}</p>
      ) : (
        <>
          <p className={css.filled}>
            <Filled text={rendered.text} missing={rendered.missing} />
          </p>
          <span className={css.line}>
            <Plural value={rendered.segments} one="# segment" other="# segments" />
          </span>
        </>
      )}
    </div>
  );
}
