import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

/** How a command is called, found and pressed, whoever carries it out. */
type Described = {
  title: MessageDescriptor;
  also?: MessageDescriptor;
  group: MessageDescriptor;
  keys: readonly string[];
  /** Beside those, and in every keyboard. */
  fixed?: readonly string[];
  unlisted?: boolean;
};

export const HERE = msg`This conversation`;
const LIST = msg`List`;
const THREAD = msg`Thread`;
const PLACES = msg`Go to`;
const APP = msg`Everywhere`;

/** Every command that can have keys. The keyboard's settings show them in this order; a command of the screen takes its words from here. */
export const CATALOGUE = {
  "list.next": { title: msg`Next conversation`, group: LIST, keys: ["J", "ArrowDown"], unlisted: true },
  "list.previous": { title: msg`Previous conversation`, group: LIST, keys: ["K", "ArrowUp"], unlisted: true },
  "list.open": { title: msg`Open the conversation`, group: LIST, keys: ["O", "Enter"], unlisted: true },
  "list.leave": { title: msg`Back to the list`, group: LIST, keys: [], fixed: ["Escape"], unlisted: true },
  "list.toggle": {
    title: msg`Select, or no longer`,
    also: msg`choose mark tick several bulk`,
    group: LIST,
    keys: ["X"],
  },
  "list.extend": { title: msg`Select the next one too`, group: LIST, keys: ["Shift+J"], unlisted: true },
  "list.extendBack": { title: msg`Select the previous one too`, group: LIST, keys: ["Shift+K"], unlisted: true },
  "list.all": {
    title: msg`Select all that are loaded`,
    also: msg`choose everything bulk`,
    group: LIST,
    keys: ["Ctrl+A"],
  },
  "thread.older": { title: msg`Older message`, group: THREAD, keys: ["P"], unlisted: true },
  "thread.newer": { title: msg`Newer message`, group: THREAD, keys: ["N"], unlisted: true },
  "composer.reply": { title: msg`Reply`, group: HERE, keys: ["R"] },
  "composer.note": {
    title: msg`Write a note`,
    also: msg`internal comment private`,
    group: HERE,
    keys: ["M", "Shift+N"],
  },
  "composer.later": { title: msg`Send later…`, also: msg`schedule plan time`, group: HERE, keys: [] },
  "composer.nextChannel": { title: msg`Send from the next number`, group: HERE, keys: ["Alt+ArrowDown"] },
  "composer.previousChannel": {
    title: msg`Send from the number before`,
    group: HERE,
    keys: ["Alt+ArrowUp"],
    unlisted: true,
  },
  "conversation.close": {
    title: msg`Close`,
    also: msg`done archive finish`,
    group: HERE,
    keys: ["E", "Ctrl+Shift+E"],
  },
  "conversation.reopen": { title: msg`Reopen`, group: HERE, keys: ["Shift+E"] },
  "conversation.snooze": {
    title: msg`Snooze…`,
    also: msg`later set aside remind wait`,
    group: HERE,
    keys: ["H", "Ctrl+Shift+J"],
  },
  "conversation.assign": { title: msg`Assign…`, also: msg`owner give hand over`, group: HERE, keys: ["A"] },
  "conversation.assignMe": { title: msg`Assign to me`, also: msg`take mine own`, group: HERE, keys: ["I"] },
  "conversation.unassign": {
    title: msg`Assign to nobody`,
    also: msg`unassign release`,
    group: HERE,
    keys: ["Shift+I"],
  },
  "conversation.label": { title: msg`Labels…`, also: msg`tag categorise`, group: HERE, keys: ["L"] },
  "conversation.move": { title: msg`Move to a team…`, also: msg`inbox transfer`, group: HERE, keys: ["V"] },
  "conversation.unread": { title: msg`Mark read or unread`, group: HERE, keys: ["U"] },
  "conversation.markRead": { title: msg`Mark read`, group: HERE, keys: [], unlisted: true },
  "conversation.markUnread": { title: msg`Mark unread`, group: HERE, keys: [], unlisted: true },
  "conversation.follow": {
    title: msg`Follow, or no longer`,
    also: msg`watch subscribe notify`,
    group: HERE,
    keys: [],
  },
  "conversation.mute": { title: msg`Mute, or no longer`, also: msg`silence ignore quiet`, group: HERE, keys: [] },
  "conversation.spam": { title: msg`Mark as spam`, also: msg`junk block`, group: HERE, keys: ["!"] },
  "conversation.trash": { title: msg`Put in the trash`, also: msg`delete remove`, group: HERE, keys: ["#"] },
  "app.undo": { title: msg`Undo`, group: APP, keys: ["Z", "Ctrl+Z"] },
  "app.new": { title: msg`New conversation`, also: msg`write compose text someone`, group: APP, keys: ["C"] },
  "app.palette": { title: msg`Search or jump`, group: APP, keys: ["Ctrl+K"], unlisted: true },
  "app.search": { title: msg`Search everything`, also: msg`find look for`, group: APP, keys: ["/"] },
  "app.help": { title: msg`Keyboard shortcuts`, group: APP, keys: ["?"] },
  "app.panel": { title: msg`Show or hide the contact`, group: APP, keys: ["."] },
  "app.sidebar": { title: msg`Show or hide the sidebar`, group: APP, keys: ["["] },
  "app.nextRegion": { title: msg`To the next part of the page`, group: APP, keys: ["F6"], unlisted: true },
  "app.previousRegion": { title: msg`To the part before`, group: APP, keys: ["Shift+F6"], unlisted: true },
  "go.mine": { title: msg`Mine`, group: PLACES, keys: ["G M", "Ctrl+1"] },
  "go.mentions": { title: msg`Mentions`, group: PLACES, keys: ["G @", "Ctrl+2"] },
  "go.following": { title: msg`Following`, group: PLACES, keys: ["G F", "Ctrl+3"] },
  "go.tasks": { title: msg`Tasks`, group: PLACES, keys: ["G T", "Ctrl+4"] },
  "go.drafts": { title: msg`Drafts`, group: PLACES, keys: ["G D"] },
  "go.notifications": { title: msg`Notifications`, also: msg`bell what I was told`, group: PLACES, keys: ["G N"] },
  "go.snoozed": { title: msg`Snoozed`, group: PLACES, keys: ["G H", "Ctrl+5"] },
  "go.unassigned": { title: msg`Unassigned`, group: PLACES, keys: ["G U", "Ctrl+6"] },
  "go.all": { title: msg`All`, also: msg`inbox`, group: PLACES, keys: ["G A", "G I", "Ctrl+7"] },
  "go.closed": { title: msg`Closed`, also: msg`done`, group: PLACES, keys: ["G E", "Ctrl+8"] },
  "go.saved": { title: msg`The first saved search`, group: PLACES, keys: ["G V", "Ctrl+9"], unlisted: true },
  "go.scheduled": { title: msg`Scheduled`, also: msg`later planned`, group: PLACES, keys: [] },
  "go.sent": { title: msg`Sent`, group: PLACES, keys: [] },
  "go.allSnoozed": { title: msg`All snoozed`, group: PLACES, keys: [] },
  "go.spam": { title: msg`Spam`, group: PLACES, keys: [] },
  "go.trash": { title: msg`Trash`, group: PLACES, keys: [] },
  "go.settings": { title: msg`Settings`, also: msg`preferences profile`, group: PLACES, keys: ["G S", "Ctrl+,"] },
} satisfies Record<string, Described>;

export type KnownCommand = keyof typeof CATALOGUE;

/** A command's id, words and keys, for whoever adds what it does. */
export function known(id: KnownCommand): Omit<Described, "fixed"> & { id: string } {
  return { id, ...CATALOGUE[id] };
}
