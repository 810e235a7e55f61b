import { useLingui } from "@lingui/react/macro";
import { lately, useSaved } from "@partyline/kit/react";
import { Bookmark } from "@partyline/kit/ui/icons";
import { Suspense, useState } from "react";
import { inOrder, SavedMenu } from "../saved/index.ts";
import css from "./search.module.css";

const { Lately: SavedDialog } = lately(async () => (await import("../saved/SavedDialog.tsx")).SavedDialog);

/** Keeps the search under a name; where it is kept, says as what. */
export function SaveButton({ q }: { q: string }) {
  const { t } = useLingui();
  const known = inOrder(useSaved()).find(({ query }) => query === q.trim());
  const [open, setOpen] = useState(false);
  if (known) {
    return (
      <span className={css.saved}>
        <Bookmark aria-hidden />
        <span className="el">{t`Saved as ${known.name}`}</span>
        <SavedMenu saved={known} />
      </span>
    );
  }
  return (
    <>
      <button type="button" className={css.save} onClick={() => setOpen(true)}>
        <Bookmark aria-hidden />
        {t`Save as a view`}
      </button>
      <Suspense fallback={null}>
        {open && <SavedDialog saved={null} query={q.trim()} onClose={() => setOpen(false)} />}
      </Suspense>
    </>
  );
}
