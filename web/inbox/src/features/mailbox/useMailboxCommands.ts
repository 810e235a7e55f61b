import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Conversation, Id, View } from "@partyline/kit/api";
import { useApp, useMay, useMe } from "@partyline/kit/react";
import { isField, type Command } from "@partyline/kit/shortcuts";
import { useEffect, useRef } from "react";
import { useActions, useManyActions, useSelection, type Beginning } from "../conversation/index.ts";
import { neighbour, SCHEDULED_PATH, SENT_PATH, TASKS_PATH, type Place } from "../place/index.ts";

/** What is open above the mailbox; a new conversation may begin with something. */
export type Overlay = "palette" | "help" | "new" | Beginning | null;

/** Below this width the list and the thread take turns. */
const ONE_PANE_PX = 768;

type Surroundings = {
  place: Place;
  ids: readonly Id[];
  select: (id: Id | null, replace?: boolean) => void;
  go: (place: Place) => void;
  /** To a page that is no list of conversations. */
  goToPage: (path: string) => void;
  setOverlay: (overlay: Overlay) => void;
  /** Opens the palette at the teams. */
  chooseTeam: () => void;
  togglePanel: () => void;
};

/** Registers what can be done in the mailbox: the palette, the help, the toolbar and the keys all come from here. */
export function useMailboxCommands(surroundings: Surroundings): void {
  const { commands, desk } = useApp();
  const actions = useActions();
  const many = useManyActions();
  const selection = useSelection();
  const me = useMe()?.user ?? null;
  const mayTriage = useMay("conversation.triage");
  const mayReply = useMay("conversation.reply");
  // The commands are registered once and read where the user is when they run.
  const now = useRef(surroundings);
  useEffect(() => {
    now.current = surroundings;
  });

  useEffect(
    () =>
      actions.whenMoved({
        goes: (gone) => {
          const { ids, place, select } = now.current;
          const id = place.conversation;
          if (id === null || !gone.has(id)) return;
          const left = ids.filter((other) => other === id || !gone.has(other));
          // A phone shows one thing at a time: there it goes back to the list.
          select(window.innerWidth < ONE_PANE_PX ? null : neighbour(left, id), true);
        },
        comesBack: (id) => now.current.select(id, true),
      }),
    [actions],
  );

  useEffect(() => {
    const selected = () => now.current.place.conversation;
    const open = () => desk.conversation(selected() ?? "");
    const onSelected = (run: (id: Id) => void) => () => {
      const id = selected();
      if (id !== null) run(id);
    };
    const step = (by: 1 | -1) => () => {
      const { ids, select } = now.current;
      const id = selected();
      const at = id === null ? -1 : ids.indexOf(id);
      const next = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : at + by];
      if (next !== undefined) select(next, id !== null);
    };
    const goToPage = (path: string) => () => now.current.goToPage(path);
    const goTo = (view: View) => () => now.current.go({ team: null, view, conversation: null });
    const here = msg`This conversation`;
    const list = msg`List`;
    const places = msg`Go to`;
    const app = msg`Everywhere`;
    /** What is acted on: those that are chosen, else the one that is open. */
    const acted = (): Id[] => {
      const id = selected();
      if (selection.size > 0) return selection.inOrder(now.current.ids);
      return id === null ? [] : [id];
    };
    const those = (are: (conversation: Conversation) => boolean): Id[] =>
      acted().filter((id) => {
        const conversation = desk.conversation(id);
        return conversation !== undefined && are(conversation);
      });
    /** Can be done, and is done, with those of them that are so. */
    const where = (are: (conversation: Conversation) => boolean, run: (ids: readonly Id[]) => void) => ({
      when: () => those(are).length > 0,
      run: () => run(those(are)),
    });
    const onOpen = () => selection.size === 0 && open() !== undefined;
    const triage: Command<MessageDescriptor>[] = [
      {
        id: "conversation.close",
        title: msg`Close`,
        also: msg`done archive finish`,
        group: here,
        keys: ["E", "Ctrl+Shift+E"],
        ...where(
          ({ status }) => status === "open" || status === "snoozed",
          (ids) => many.close(ids),
        ),
      },
      {
        id: "conversation.reopen",
        title: msg`Reopen`,
        group: here,
        keys: ["Shift+E"],
        ...where(
          ({ status }) => status !== "open",
          (ids) => many.reopen(ids),
        ),
      },
      {
        id: "conversation.spam",
        title: msg`Mark as spam`,
        also: msg`junk block`,
        group: here,
        keys: ["!"],
        ...where(
          ({ status }) => status !== "spam",
          (ids) => many.spam(ids),
        ),
      },
      {
        id: "conversation.trash",
        title: msg`Put in the trash`,
        also: msg`delete remove`,
        group: here,
        keys: ["#"],
        ...where(
          ({ status }) => status !== "trash",
          (ids) => many.trash(ids),
        ),
      },
      {
        id: "conversation.assignMe",
        title: msg`Assign to me`,
        also: msg`take mine own`,
        group: here,
        keys: ["I"],
        ...where(
          ({ assignee_ids: on }) => me !== null && !on.includes(me.id),
          (ids) => me && many.assign(ids, [me]),
        ),
      },
      {
        id: "conversation.unassign",
        title: msg`Assign to nobody`,
        also: msg`unassign release`,
        group: here,
        keys: ["Shift+I"],
        ...where(
          ({ assignee_ids: on }) => on.length > 0,
          (ids) => many.assign(ids, []),
        ),
      },
      {
        id: "conversation.move",
        title: msg`Move to a team…`,
        also: msg`inbox transfer`,
        group: here,
        keys: ["V"],
        when: () => acted().length > 0,
        run: () => now.current.chooseTeam(),
      },
      {
        id: "list.clear",
        title: msg`Clear the selection`,
        group: list,
        keys: ["Escape"],
        when: () => selection.size > 0,
        run: () => selection.clear(),
      },
      {
        id: "list.toggle",
        title: msg`Select, or no longer`,
        also: msg`choose mark tick several bulk`,
        group: list,
        keys: ["X"],
        when: () => (selection.end ?? selected()) !== null,
        run: () => selection.toggle(selection.end ?? selected() ?? ""),
      },
      {
        id: "list.extend",
        title: msg`Select the next one too`,
        group: list,
        keys: ["Shift+J"],
        unlisted: true,
        run: () => selection.step(now.current.ids, 1, selected()),
      },
      {
        id: "list.extendBack",
        title: msg`Select the previous one too`,
        group: list,
        keys: ["Shift+K"],
        unlisted: true,
        run: () => selection.step(now.current.ids, -1, selected()),
      },
      {
        id: "list.all",
        title: msg`Select all that are loaded`,
        also: msg`choose everything bulk`,
        group: list,
        keys: ["Ctrl+A"],
        // in a field it selects the text
        when: () => now.current.ids.length > 0 && !isField(document.activeElement),
        run: () => selection.all(now.current.ids),
      },
    ];
    const compose: Command<MessageDescriptor> = {
      id: "app.new",
      title: msg`New conversation`,
      also: msg`write compose text someone`,
      group: app,
      keys: ["C"],
      run: () => now.current.setOverlay("new"),
    };
    return commands.add([
      { id: "list.next", title: msg`Next conversation`, group: list, keys: ["J"], unlisted: true, run: step(1) },
      {
        id: "list.previous",
        title: msg`Previous conversation`,
        group: list,
        keys: ["K"],
        unlisted: true,
        run: step(-1),
      },
      {
        id: "list.back",
        title: msg`Back to the list`,
        group: list,
        keys: ["Escape"],
        unlisted: true,
        when: () => selection.size === 0 && selected() !== null,
        run: () => now.current.select(null),
      },
      ...(mayTriage ? triage : []),
      {
        id: "conversation.unread",
        title: msg`Mark read or unread`,
        group: here,
        keys: ["U"],
        when: () => acted().length > 0,
        run: () => many.toggleUnread(acted()),
      },
      {
        id: "conversation.follow",
        title: msg`Follow, or no longer`,
        also: msg`watch subscribe notify`,
        group: here,
        when: onOpen,
        run: onSelected((id) => void actions.follow(id, open()?.following !== true)),
      },
      {
        id: "conversation.mute",
        title: msg`Mute, or no longer`,
        also: msg`silence ignore quiet`,
        group: here,
        when: onOpen,
        run: onSelected((id) => void actions.mute(id, open()?.muted !== true)),
      },
      { id: "app.undo", title: msg`Undo`, group: app, keys: ["Z"], run: () => actions.undo() },
      ...(mayReply ? [compose] : []),
      {
        id: "app.palette",
        title: msg`Search or jump`,
        group: app,
        keys: ["Ctrl+K", "/"],
        unlisted: true,
        run: () => now.current.setOverlay("palette"),
      },
      {
        id: "app.help",
        title: msg`Keyboard shortcuts`,
        group: app,
        keys: ["?"],
        run: () => now.current.setOverlay("help"),
      },
      {
        id: "app.panel",
        title: msg`Show or hide the contact`,
        group: app,
        keys: ["."],
        when: () => selected() !== null,
        run: () => now.current.togglePanel(),
      },
      { id: "go.mine", title: msg`Mine`, group: places, keys: ["G M", "G I"], run: goTo("mine") },
      { id: "go.unassigned", title: msg`Unassigned`, group: places, keys: ["G U"], run: goTo("unassigned") },
      { id: "go.all", title: msg`All`, group: places, keys: ["G A"], run: goTo("all") },
      { id: "go.mentions", title: msg`Mentions`, group: places, keys: ["G @"], run: goTo("mentions") },
      { id: "go.following", title: msg`Following`, group: places, keys: ["G F"], run: goTo("following") },
      { id: "go.tasks", title: msg`Tasks`, group: places, keys: ["G T"], run: goToPage(TASKS_PATH) },
      { id: "go.scheduled", title: msg`Scheduled`, group: places, run: goToPage(SCHEDULED_PATH) },
      { id: "go.sent", title: msg`Sent`, group: places, run: goToPage(SENT_PATH) },
      { id: "go.snoozed", title: msg`Snoozed`, group: places, keys: ["G H"], run: goTo("mine_snoozed") },
      { id: "go.allSnoozed", title: msg`All snoozed`, group: places, run: goTo("snoozed") },
      { id: "go.closed", title: msg`Closed`, group: places, keys: ["G E"], run: goTo("closed") },
      { id: "go.spam", title: msg`Spam`, group: places, run: goTo("spam") },
      { id: "go.trash", title: msg`Trash`, group: places, run: goTo("trash") },
    ]);
  }, [commands, desk, actions, many, selection, me, mayTriage, mayReply]);
}
