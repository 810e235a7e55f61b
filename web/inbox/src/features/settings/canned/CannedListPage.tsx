import { Plural, useLingui } from "@lingui/react/macro";
import type { CannedResponse } from "@partyline/kit/api";
import { longDay } from "@partyline/kit/i18n";
import { useApp, useCanned, useMay, useMinute } from "@partyline/kit/react";
import { TriangleAlert } from "@partyline/kit/ui/icons";
import { useEffect } from "react";
import { Link } from "wouter";
import { firstLine } from "../../canned/index.ts";
import { AddButton, LinkRow, PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import own from "./canned.module.css";
import { useWhose } from "./whose.ts";

export function CannedListPage() {
  const { t } = useLingui();
  const { loader } = useApp();
  const may = useMay("conversation.reply");
  const responses = useCanned();
  const whose = useWhose();
  useEffect(() => {
    // How often each was used is not told by the log.
    loader.canned().catch(() => undefined);
  }, [loader]);
  return (
    <>
      <PageHead
        title={t`Canned responses`}
        lead={t`Answers that are written once. In a reply, / offers them.`}
        actions={may && <AddButton to="/settings/canned/new">{t`Write one`}</AddButton>}
      />
      <div className={css.body}>
        {responses.length === 0 ? (
          <p className={css.small}>{t`There are none yet. Write one for what you are asked every day.`}</p>
        ) : (
          <div className={css.table}>
            <table className={own.list}>
              <caption className="sr">{t`Canned responses`}</caption>
              <thead>
                <tr>
                  <th scope="col">{t`Name`}</th>
                  <th scope="col" className={own.shortcutColumn}>{t`Shortcut`}</th>
                  <th scope="col" data-more className={own.whoseColumn}>{t`For`}</th>
                  <th scope="col" data-more className={own.usedColumn}>{t`Used`}</th>
                </tr>
              </thead>
              <tbody>
                {responses.map((response) => (
                  <LinkRow key={response.id} to={`/settings/canned/${response.id}`}>
                    <td>
                      <span className={css.who}>
                        <span className={own.name}>
                          <Link
                            href={`/settings/canned/${response.id}`}
                            className="el"
                            onClick={(event) => event.stopPropagation()}
                          >
                            {response.name}
                          </Link>
                          <span className={`el ${css.small}`}>{firstLine(response.text)}</span>
                        </span>
                        {response.warnings.length > 0 && (
                          <TriangleAlert className={own.warned} aria-label={t`asks for a reserved word`} />
                        )}
                      </span>
                    </td>
                    <td className={own.shortcut}>{response.shortcut === null ? "" : `/${response.shortcut}`}</td>
                    <td data-more>{whose(response)}</td>
                    <td data-more>
                      <Used response={response} />
                    </td>
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

function Used({ response: { uses, used_at } }: { response: CannedResponse }) {
  const { t } = useLingui();
  const now = new Date(useMinute());
  if (used_at === null) return t`never`;
  return (
    <span data-tip={t`Last on ${longDay(new Date(used_at), now)}`}>
      <Plural value={uses} one="# time" other="# times" />
    </span>
  );
}
