import { Plural, useLingui } from "@lingui/react/macro";
import { ApiProblem, type Attachment, type RenderedResponse, type TemplateWarning } from "@partyline/kit/api";
import { listOf, readableNumber } from "@partyline/kit/i18n";
import { useApp, useChannels } from "@partyline/kit/react";
import { segment } from "@partyline/kit/sms";
import { classes } from "@partyline/kit/ui";
import { Paperclip, TriangleAlert } from "@partyline/kit/ui/icons";
import { useEffect, useState } from "react";
import { Filled, readableName, useVariableNames } from "../../canned/index.ts";
import own from "./canned.module.css";

/** How long nothing is typed before it is filled in again, in ms. */
const PAUSE_MS = 200;
/** Whom the preview is for. */
const SAMPLE = { name: "Maya Lindqvist", number: "+14155550142" };
/** Characters around a word that is warned of. */
const AROUND = 24;

type Seen = { rendered: RenderedResponse | null; warnings: readonly TemplateWarning[]; fault: string | null };
const NOTHING: Seen = { rendered: null, warnings: [], fault: null };

/** The text filled in for a sample contact, as it is typed; and what is wrong with it. */
export function usePreview(text: string): Seen {
  const { client } = useApp();
  const channel = useChannels()[0]?.id ?? null;
  const [seen, setSeen] = useState(NOTHING);
  useEffect(() => {
    if (text.trim() === "") return setSeen(NOTHING);
    let wanted = true;
    const timer = setTimeout(() => {
      const contact = { ...SAMPLE, channel_id: channel };
      client.post<RenderedResponse>("/canned_responses/preview", { text, contact }).then(
        (rendered) => wanted && setSeen({ rendered, warnings: rendered.warnings, fault: null }),
        (problem: unknown) => {
          if (!wanted) return;
          const fault =
            problem instanceof ApiProblem ? problem.errors.find(({ field }) => field === "text") : undefined;
          setSeen((before) => ({ ...before, warnings: [], fault: fault?.detail ?? null }));
        },
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, channel, text]);
  return seen;
}

/** How it will look, and what is asked for. */
export function Preview({ preview: { rendered }, files }: { preview: Seen; files: readonly Attachment[] }) {
  const { t } = useLingui();
  const names = useVariableNames();
  const { name, number } = SAMPLE;
  const units = rendered ? segment(rendered.text) : null;
  return (
    <section className={own.preview} aria-label={t`Preview`}>
      <h2>{t`Preview`}</h2>
      <p className={own.to}>{t`To ${name}, ${readableNumber(number)}`}</p>
      {rendered === null ? (
        <p className={own.none}>{t`What you write is shown here, filled in.`}</p>
      ) : (
        <>
          <p className={own.bubble}>
            <Filled text={rendered.text} missing={rendered.missing} />
          </p>
          {files.length > 0 && (
            <ul className={own.previewFiles}>
              {files.map((file) => (
                <li key={file.id}>
                  <Paperclip aria-hidden />
                  <span className="el">{file.name}</span>
                </li>
              ))}
            </ul>
          )}
          {units && (
            <p className={classes(own.count, units.segments > 1 && own.many)}>
              <Plural value={units.units} one="# character" other="# characters" />
              {" · "}
              <Plural value={units.segments} one="# segment" other="# segments" />
            </p>
          )}
          {rendered.missing.length > 0 && (
            <p className={own.asked}>
              <b>{t`Asked for when it is used:`}</b>{" "}
              {listOf(rendered.missing.map((missing) => names(missing.name) ?? readableName(missing.name)))}
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** What the text asks for and must not (R24), where it stands. */
export function Warnings({ text, warnings }: { text: string; warnings: readonly TemplateWarning[] }) {
  if (warnings.length === 0) return null;
  // the server counts characters, not units of UTF-16
  const characters = [...text];
  // whole words only, where something is cut off
  const before = (start: number) => {
    const cut = characters.slice(Math.max(0, start - AROUND), start).join("");
    return start > AROUND ? `…${cut.replace(/^\S*\s/, "")}` : cut;
  };
  const after = (end: number) => {
    const cut = characters.slice(end, end + AROUND).join("");
    return characters.length > end + AROUND ? `${cut.replace(/\s\S*$/, "")}…` : cut;
  };
  return (
    <div role="status">
      <ul className={own.warnings}>
        {warnings.map(({ start, end, word, detail }) => (
          <li key={start}>
            <TriangleAlert aria-hidden />
            <span>
              <span className={own.excerpt}>
                {before(start)}
                <mark>{word}</mark>
                {after(end)}
              </span>
              {detail}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
