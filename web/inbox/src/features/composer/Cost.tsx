import { Plural, useLingui } from "@lingui/react/macro";
import type { Price } from "@partyline/kit/api";
import { moneyOf, wholeNumber } from "@partyline/kit/i18n";
import type { Advice } from "@partyline/kit/sms";
import { Button, Kbd } from "@partyline/kit/ui";
import { TriangleAlert } from "@partyline/kit/ui/icons";
import css from "./composer.module.css";
import { MANY_SEGMENTS } from "./model.ts";

/** "134 · 2 segments · about $0.02": units used, and what they cost, where the number's price is known. */
export function Cost({ advice, price }: { advice: Advice; price?: Price | null | undefined }) {
  const { t } = useLingui();
  const { units, segments, limit, encoding } = advice.now;
  if (units === 0) return null;
  return (
    <span
      className={css.count}
      data-tip={
        encoding === "GSM-7"
          ? t`Plain text: 160 characters in one segment, 153 in each of more`
          : t`Unicode: 70 characters in one segment, 67 in each of more`
      }
    >
      {segments > 1 ? wholeNumber(units) : `${wholeNumber(units)} / ${wholeNumber(limit)}`}
      {" · "}
      <span className={segments >= MANY_SEGMENTS ? css.many : undefined}>
        <Plural value={segments} one="# segment" other="# segments" />
      </span>
      {price && ` · ${t`about ${moneyOf(price.per_segment * segments, price.currency)}`}`}
    </span>
  );
}

/** The strip that names what makes a text dear, and takes it out. Only where that helps. */
export function CostStrip({ advice, onReplace }: { advice: Advice; onReplace: (text: string) => void }) {
  const { t } = useLingui();
  const { plain, now, costly } = advice;
  if (!plain) return null;
  const saved = plain.segmentation.segments < now.segments;
  const visible = costly.filter(({ character }) => character.trim() !== "");
  const named = visible
    .map(({ character }) => character)
    .slice(0, 3)
    .join(" ");
  const [first] = visible;
  const single = visible.length === 1 && first;
  return (
    <div className={css.cost}>
      <TriangleAlert aria-hidden />
      <p className="el">
        <b>
          {named === "" ? (
            <Plural
              value={now.segments}
              one="An invisible character makes this # Unicode segment."
              other="An invisible character makes this # segments."
            />
          ) : saved ? (
            <Plural
              value={now.segments}
              one={`The ${named} makes this # Unicode segment.`}
              other={`The ${named} makes this # segments.`}
            />
          ) : (
            t`The ${named} makes this Unicode, with room for 70.`
          )}
        </b>{" "}
        {saved ? (
          single && first.replacement ? (
            <Plural
              value={plain.segmentation.segments}
              one={`With a plain ${first.replacement} it is #.`}
              other={`With a plain ${first.replacement} it is #.`}
            />
          ) : (
            <Plural
              value={plain.segmentation.segments}
              one="In plain characters it is #."
              other="In plain characters it is #."
            />
          )
        ) : (
          t`In plain characters there is room for 160.`
        )}
      </p>
      <Button compact className={css.replace} onClick={() => onReplace(plain.text)} aria-keyshortcuts="Alt+.">
        {single ? t`Replace it` : t`Replace them`} <Kbd keys="Alt+." />
      </Button>
    </div>
  );
}
