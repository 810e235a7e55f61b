import { useLingui } from "@lingui/react/macro";
import type { SavedSearch } from "@partyline/kit/api";
import { lately, useApp } from "@partyline/kit/react";
import { Menu } from "@partyline/kit/ui";
import { Ellipsis } from "@partyline/kit/ui/icons";
import { Suspense, useState } from "react";
import { useSavedMenu } from "./useSavedMenu.tsx";

const { Lately: SavedDialog } = lately(async () => (await import("./SavedDialog.tsx")).SavedDialog);
const { Lately: RemoveDialog } = lately(async () => (await import("../remove/index.ts")).RemoveDialog);

/** The menu of a saved search, and what it asks. Nothing where there is nothing to do. */
export function SavedMenu({ saved, className }: { saved: SavedSearch; className?: string | undefined }) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const [asks, setAsks] = useState<"rename" | "remove" | null>(null);
  const sections = useSavedMenu(saved, { onRename: () => setAsks("rename"), onRemove: () => setAsks("remove") });
  if (sections.length === 0) return null;
  return (
    <>
      <Menu
        align="end"
        sections={sections}
        trigger={
          <button type="button" className={className} aria-label={t`What to do with ${saved.name}`}>
            <Ellipsis aria-hidden />
          </button>
        }
      />
      <Suspense fallback={null}>
        {asks === "rename" && <SavedDialog saved={saved} query={saved.query} onClose={() => setAsks(null)} />}
        {asks === "remove" && (
          <RemoveDialog
            title={t`Remove ${saved.name}?`}
            lead={
              saved.scope === "personal"
                ? t`Only the saved search goes. What it finds stays where it is.`
                : t`It goes for everybody who has it. What it finds stays where it is.`
            }
            remove={async () => {
              await client.delete(`/saved_searches/${saved.id}`);
              desk.removeRow("saved", saved.id);
            }}
            onClose={() => setAsks(null)}
          />
        )}
      </Suspense>
    </>
  );
}
