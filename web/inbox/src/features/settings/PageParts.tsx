import { useLingui } from "@lingui/react/macro";
import { Button, IconButton, Notice, Skeleton } from "@partyline/kit/ui";
import { ChevronLeft } from "@partyline/kit/ui/icons";
import { createElement, useEffect, type ReactNode } from "react";
import { useLocation } from "wouter";
import css from "./settings.module.css";

type HeadProps = {
  title: string;
  /** Beside the title. */
  aside?: ReactNode;
  lead?: ReactNode;
  /** Where the back arrow goes; on a phone every page has one. */
  back?: string;
  /** A wide screen has another way back, so that only a phone shows the arrow. */
  beside?: boolean;
  /** It stands beside a page that has a title of its own. */
  level?: 1 | 2;
  actions?: ReactNode;
};

/** The head of a page: where one is, and what can be done. Also names the browser's tab. */
export function PageHead({ title, aside, lead, back, beside, level = 1, actions }: HeadProps) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  useEffect(() => {
    document.title = t`${title} · Settings`;
  }, [title, t]);
  return (
    <header className={css.head}>
      <IconButton
        label={t`Back`}
        className={css.back}
        data-always={back === undefined || beside ? undefined : ""}
        onClick={() => navigate(back ?? "/settings")}
      >
        <ChevronLeft aria-hidden />
      </IconButton>
      <div className={css.headText}>
        <div className={css.titleLine}>
          {createElement(`h${level}`, null, title)}
          {aside}
        </div>
        {lead !== undefined && <div className={css.headLead}>{lead}</div>}
      </div>
      {actions}
    </header>
  );
}

/** While something is fetched. */
export function Waiting() {
  const { t } = useLingui();
  return (
    <div className={css.body} role="status" aria-label={t`Loading`}>
      <Skeleton width="40%" height={16} />
      <Skeleton width="70%" />
      <Skeleton width="60%" />
    </div>
  );
}

/** When fetching failed. */
export function NotLoaded({ again }: { again: () => void }) {
  const { t } = useLingui();
  return (
    <div className={css.body}>
      <Notice
        tone="danger"
        alert
        title={t`This could not be loaded`}
        actions={<Button compact onClick={again}>{t`Try again`}</Button>}
      >
        {t`The server does not answer.`}
      </Notice>
    </div>
  );
}

/** For an address whose subject is gone. */
export function Missing({ what, back, beside }: { what: string; back: string; beside?: boolean }) {
  const { t } = useLingui();
  return (
    <>
      <PageHead title={what} back={back} beside={beside} />
      <div className={css.body}>
        <Notice title={t`It is not here any more`}>{t`It may have been removed by a colleague.`}</Notice>
      </div>
    </>
  );
}
