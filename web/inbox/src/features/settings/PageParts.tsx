import { useLingui } from "@lingui/react/macro";
import type { useForm } from "@partyline/kit/react";
import { Button, IconButton, Notice, Skeleton } from "@partyline/kit/ui";
import { ChevronLeft, Plus } from "@partyline/kit/ui/icons";
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

type FormPageProps = {
  title: string;
  /** The list that it is in: Cancel leads there. */
  back: string;
  form: Pick<ReturnType<typeof useForm>, "attributes" | "faults" | "busy">;
  /** Without it the page can be read only. */
  may: boolean;
  /** What the button says that saves. */
  save: string;
  /** Asks whether it should be removed; left out where it can't be. */
  onRemove?: (() => void) | undefined;
  /** The fields. */
  children: ReactNode;
};

/** The page of one thing: its head, its form, and what can be done with it. */
export function FormPage({ title, back, form, may, save, onRemove, children }: FormPageProps) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  return (
    <>
      <PageHead title={title} back={back} />
      <div className={css.body}>
        <form className={css.narrow} {...form.attributes} aria-label={title}>
          {form.faults.form !== null && (
            <Notice tone="danger" alert>
              {form.faults.form}
            </Notice>
          )}
          {children}
          {may && (
            <div className={css.buttons}>
              <Button type="submit" look="primary" busy={form.busy}>
                {save}
              </Button>
              <Button onClick={() => navigate(back)}>{t`Cancel`}</Button>
              {onRemove && (
                <>
                  <span />
                  <Button tone="danger" onClick={onRemove}>{t`Remove`}</Button>
                </>
              )}
            </div>
          )}
        </form>
      </div>
    </>
  );
}

/** Leads to the page on which one more is made. */
export function AddButton({ to, children }: { to: string; children: ReactNode }) {
  const [, navigate] = useLocation();
  return (
    <Button look="primary" onClick={() => navigate(to)}>
      <Plus aria-hidden />
      {children}
    </Button>
  );
}

/** A row that leads to a page wherever it is clicked; a link in it does the same for the keyboard. */
export function LinkRow({ to, off, children }: { to: string; off?: boolean; children: ReactNode }) {
  const [, navigate] = useLocation();
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr data-link data-off={off ? "" : undefined} onClick={() => navigate(to)}>
      {children}
    </tr>
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
