import { useLingui } from "@lingui/react/macro";
import { useCounts, useLabels, useMay } from "@partyline/kit/react";
import { wholeNumber } from "@partyline/kit/i18n";
import { Link } from "wouter";
import { asTree, depth, LabelDot, ownName } from "../../labels/index.ts";
import { AddButton, LinkRow, PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";

/** px by which each level is set in. */
const INDENT_PX = 20;

export function LabelsPage() {
  const { t } = useLingui();
  const may = useMay("labels.manage");
  const labels = asTree(useLabels());
  const counts = useCounts();
  return (
    <>
      <PageHead title={t`Labels`} actions={may && <AddButton to="/settings/labels/new">{t`Make a label`}</AddButton>} />
      <div className={css.body}>
        {labels.length === 0 ? (
          <p className={css.small}>
            {may
              ? t`There are no labels yet. They say what a conversation is about, for everybody.`
              : t`There are no labels yet. A lead can make some.`}
          </p>
        ) : (
          <div className={css.table}>
            <table>
              <caption className="sr">{t`Labels`}</caption>
              <thead>
                <tr>
                  <th scope="col">{t`Name`}</th>
                  <th scope="col" data-more>{t`Open conversations`}</th>
                </tr>
              </thead>
              <tbody>
                {labels.map((label) => (
                  <LinkRow key={label.id} to={`/settings/labels/${label.id}`}>
                    <td>
                      <span className={css.who} style={{ paddingInlineStart: depth(label) * INDENT_PX }}>
                        <LabelDot colour={label.colour} />
                        <Link
                          href={`/settings/labels/${label.id}`}
                          aria-label={label.name}
                          onClick={(event) => event.stopPropagation()}
                        >
                          {ownName(label)}
                        </Link>
                      </span>
                    </td>
                    <td data-more>{wholeNumber(counts?.labels[label.id]?.total ?? 0)}</td>
                  </LinkRow>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </>
  );
}
