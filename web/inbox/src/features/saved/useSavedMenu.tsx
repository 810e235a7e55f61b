import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type SavedSearch, type SavedSearchPatch } from "@partyline/kit/api";
import { useApp, useMay, useSaved } from "@partyline/kit/react";
import { showToast, type MenuItem, type MenuSection } from "@partyline/kit/ui";
import { ArrowDown, ArrowUp, Bookmark, BookmarkX, Pencil, Trash } from "@partyline/kit/ui/icons";
import { besides } from "./model.ts";

const item = (id: string, label: string, icon: MenuItem["icon"], run: () => void | Promise<void>): MenuItem => ({
  id,
  label,
  icon,
  onSelect: () => void run(),
});

type Asks = { onRename: () => void; onRemove: () => void };

/** What can be done with a saved search; nothing where others decide about it. */
export function useSavedMenu(saved: SavedSearch, { onRename, onRemove }: Asks): MenuSection[] {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const all = useSaved();
  const manages = useMay("saved_searches.manage");
  if (saved.scope !== "personal" && !manages) return [];
  const peers = besides(all, saved);
  const at = peers.findIndex(({ id }) => id === saved.id);
  const change = (patch: SavedSearchPatch) => async () => {
    try {
      desk.putRow("saved", await client.patch<SavedSearch>(`/saved_searches/${saved.id}`, patch));
    } catch (problem) {
      showToast({
        id: "saved",
        text: problem instanceof ApiProblem ? problem.detail : t`Not changed: the server can’t be reached.`,
      });
    }
  };
  const places: MenuItem[] =
    at < 0
      ? [item("pin", t`Pin in the sidebar`, <Bookmark aria-hidden />, change({ position: peers.length }))]
      : [
          { ...item("up", t`Move up`, <ArrowUp aria-hidden />, change({ position: at - 1 })), disabled: at === 0 },
          {
            ...item("down", t`Move down`, <ArrowDown aria-hidden />, change({ position: at + 1 })),
            disabled: at === peers.length - 1,
          },
          item("unpin", t`Take out of the sidebar`, <BookmarkX aria-hidden />, change({ position: null })),
        ];
  return [
    { id: "place", items: [item("rename", t`Rename or change…`, <Pencil aria-hidden />, onRename), ...places] },
    {
      id: "remove",
      items: [{ ...item("remove", t`Remove…`, <Trash aria-hidden />, onRemove), tone: "danger" as const }],
    },
  ];
}
