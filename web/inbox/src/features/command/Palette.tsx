import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { Conversation, FoundContact, Hit as FoundHit, Id, LabelView } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";
import {
  useApp,
  useConversation,
  useLabels,
  useMay,
  useMe,
  useSaved,
  useUsers,
  useVisibleTeams,
} from "@partyline/kit/react";
import { Avatar, ChannelMark, classes, Dialog, Kbd } from "@partyline/kit/ui";
import {
  Archive,
  AtSign,
  Ban,
  Bell,
  BellOff,
  Bookmark,
  ChevronRight,
  Clock,
  CornerUpLeft,
  Inbox,
  Keyboard,
  LayoutList,
  Lock,
  Mail,
  MessageSquare,
  PanelRight,
  Paperclip,
  Search,
  SquarePen,
  Tag,
  TextQuote,
  Trash,
  Undo,
  UserCheck,
  UserPlus,
  UserX,
  Users,
} from "@partyline/kit/ui/icons";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useLocation } from "wouter";
import { searchPath } from "../search/address.ts";
import { contactName, useChosen, useManyActions } from "../conversation/index.ts";
import { LabelDot } from "../labels/index.ts";
import { entryPath, placePath, viewLabel } from "../place/index.ts";
import { inOrder } from "../saved/model.ts";
import { markedParts, unfinished } from "../search/query.ts";
import css from "./command.module.css";
import { match, type Hit } from "./score.ts";

/** Rows of one group while nothing narrows it down. */
const MOST_PER_GROUP = 6;

type Choice = {
  id: string;
  group: string;
  text: string;
  also?: string | undefined;
  detail?: string | undefined;
  icon: ReactNode;
  keys?: string | undefined;
  /** Where the server found it. */
  found?: Hit;
  run: () => void;
};
type Scored = Choice & { hit: Hit };

type Props = {
  conversation: Id | null;
  /** What was typed before this was there. */
  typed: string;
  onOpen: (id: Id) => void;
  onClose: () => void;
};

export function Palette({ conversation, typed: ahead, onOpen, onClose }: Props) {
  const { t } = useLingui();
  const current = useConversation(conversation);
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();
  const [typed, setTyped] = useState(ahead);
  const [at, setAt] = useState(0);
  const chosen = useChosen();
  const choices = useChoices(current, chosen, onOpen);
  const people = useFoundPeople(typed, choices, onOpen);
  const hits = useFoundHits(typed, choices);
  const everything = useEverything(typed);
  const groups = useMemo(() => {
    const ranked = rank(choices, typed);
    const beside = [...people, ...hits, ...everything].map((choice) => ({
      ...choice,
      hit: choice.found ?? match(choice.text, typed) ?? { score: 0, parts: [{ text: choice.text, hit: false }] },
    }));
    for (const choice of beside) {
      const group = ranked.find(({ name }) => name === choice.group);
      if (group) group.rows.push(choice);
      else ranked.push({ name: choice.group, rows: [choice] });
    }
    return ranked;
  }, [choices, typed, people, hits, everything]);
  const flat = groups.flatMap(({ rows }) => rows);
  const active = flat[Math.min(at, flat.length - 1)];

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active?.id]);

  const run = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    // The dialog gives the focus back first; what runs may move it on.
    requestAnimationFrame(() => choice.run());
  };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (flat.length > 0)
        setAt((Math.min(at, flat.length - 1) + (event.key === "ArrowDown" ? 1 : flat.length - 1)) % flat.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(event.ctrlKey || event.metaKey ? (everything[0] ?? active) : active);
    }
  };
  return (
    <Dialog title={t`Search or jump`} bare top width={640} onClose={onClose}>
      <div className={css.input}>
        <Search aria-hidden />
        <input
          type="text"
          role="combobox"
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          aria-expanded={flat.length > 0}
          aria-controls={listId}
          aria-activedescendant={active ? `choice-${active.id}` : undefined}
          aria-label={t`Search or jump`}
          placeholder={t`Find a person, or type what to do`}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={keys}
        />
        {chosen.size > 0 && <span className={css.context}>{countWords(chosen.size)}</span>}
        {current && chosen.size === 0 && (
          <span className={css.context}>
            {current.channels[0] && <ChannelMark kind={current.channels[0].kind} />}
            <span className="el">{contactName(current)}</span>
          </span>
        )}
        <Kbd keys="Escape" />
      </div>
      <div className={css.results} id={listId} role="listbox" aria-label={t`Choices`} ref={list} tabIndex={-1}>
        {groups.map(({ name, rows }) => (
          <div key={name} role="group" aria-label={name}>
            <div className={css.group} aria-hidden="true">
              {name}
            </div>
            {rows.map((choice) => (
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the input has the keys
              <div
                key={choice.id}
                id={`choice-${choice.id}`}
                role="option"
                aria-selected={choice === active}
                className={classes(css.choice, choice === active && css.active)}
                onPointerMove={() => choice !== active && setAt(flat.indexOf(choice))}
                onClick={() => run(choice)}
              >
                {choice.icon}
                <span className={css.text}>
                  {choice.hit.parts.map((part, index) =>
                    // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no other identity
                    part.hit ? <b key={index}>{part.text}</b> : part.text,
                  )}
                </span>
                {choice.detail && <span className={`el ${css.detail}`}>{choice.detail}</span>}
                <span className={css.gap} />
                {choice.keys && <Kbd keys={choice.keys} />}
              </div>
            ))}
          </div>
        ))}
        {flat.length === 0 && <p className={css.none}>{t`Nothing here is called that.`}</p>}
      </div>
      <div className={css.foot}>
        <span>
          <Kbd keys="ArrowUp ArrowDown" /> {t`choose`}
        </span>
        <span>
          <Kbd keys="Enter" /> {t`do it`}
        </span>
        <span className={css.gap} />
        <span>{t`Z undoes most of these`}</span>
      </div>
      <span className="sr" role="status">
        {flat.length}
      </span>
    </Dialog>
  );
}

/** Most people, and most conversations, that the server is asked for. */
const MOST_FOUND = 6;
/** After a key the server is asked this much later, in ms. */
const ASK_AFTER_MS = 150;

/** What the server finds for what is typed, once it is there; until then, what it found before. An answer that comes late is dropped. */
function useAsked<T>(path: string, typed: string, wanted: boolean): readonly T[] {
  const { client } = useApp();
  const [found, setFound] = useState<readonly T[]>([]);
  const q = typed.trim();
  const asks = wanted && q.length >= 2;
  useEffect(() => {
    if (!asks) return setFound([]);
    const control = new AbortController();
    const timer = setTimeout(() => {
      client
        .get<{ data: T[] }>(path, { query: { q, limit: MOST_FOUND }, signal: control.signal })
        .then(({ data }) => !control.signal.aborted && setFound(data.data))
        // the palette works without them
        .catch(() => undefined);
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [client, path, asks, q]);
  return found;
}

/** People whom this tab does not hold. */
function useFoundPeople(typed: string, known: readonly Choice[], onOpen: (id: Id) => void): Choice[] {
  const { t } = useLingui();
  const found = useAsked<FoundContact>("/contacts", typed, useMay("conversation.reply"));
  return useMemo(() => {
    const held = new Set(known.map(({ id }) => id));
    return found.flatMap((person) => {
      const { conversation_id: conversation, address, name } = person;
      if (conversation === null || held.has(conversation)) return [];
      const text = name ?? readableNumber(address ?? "");
      return {
        id: conversation,
        group: t`People`,
        text,
        detail: name === null || address === null ? undefined : readableNumber(address),
        icon: <Avatar id={person.id} name={text} contact />,
        run: () => onOpen(conversation),
      };
    });
    // oxlint-disable-next-line react/exhaustive-deps -- `t` is new at every render
  }, [found, known, onOpen]);
}

/** Messages and notes in which it was written, each at its place in its conversation. */
function useFoundHits(typed: string, known: readonly Choice[]): Choice[] {
  const { t } = useLingui();
  const found = useAsked<FoundHit>("/search", unfinished(typed), true);
  const [, navigate] = useLocation();
  return useMemo(() => {
    const taken = new Set<string>(known.map(({ id }) => id));
    return found.flatMap(({ conversation, entry, marks }) => {
      const id = `hit-${conversation.id}`;
      if (taken.has(id)) return [];
      taken.add(id);
      return {
        id,
        group: t`Conversations`,
        text: entry.text,
        detail: contactName(conversation),
        icon: entry.type === "note" ? <Lock aria-hidden /> : <MessageSquare aria-hidden />,
        found: { score: 0, parts: markedParts(entry.text, marks) },
        run: () => navigate(entryPath(conversation.id, entry.id)),
      };
    });
    // oxlint-disable-next-line react/exhaustive-deps -- `t` is new at every render
  }, [found, known, navigate]);
}

/** The way to the search over everything, for what was typed. */
function useEverything(typed: string): Choice[] {
  const { t } = useLingui();
  const [location, navigate] = useLocation();
  const q = typed.trim();
  return useMemo(() => {
    if (q === "") return [];
    return [
      {
        id: "everything",
        group: t`Search`,
        text: t`Find “${q}” in everything`,
        icon: <Search aria-hidden />,
        keys: "Ctrl+Enter",
        run: () => navigate(searchPath(q), { state: { from: location } }),
      },
    ];
    // oxlint-disable-next-line react/exhaustive-deps -- `t` is new at every render
  }, [q, location, navigate]);
}

function countWords(count: number): string {
  return plural(count, { one: "# conversation", other: "# conversations" });
}

/** What can be done: with those that are chosen, else with the one that is open. */
function useChoices(current: Conversation | undefined, chosen: ReadonlySet<Id>, onOpen: (id: Id) => void): Choice[] {
  const { t, i18n } = useLingui();
  const { commands, desk } = useApp();
  const many = useManyActions();
  const me = useMe()?.user.id;
  const users = useUsers();
  const teams = useVisibleTeams();
  const labels = useLabels();
  const saved = useSaved();
  const mayTriage = useMay("conversation.triage");
  const [, navigate] = useLocation();
  return useMemo(() => {
    const one = t`This conversation`;
    const here = chosen.size > 0 ? countWords(chosen.size) : one;
    const ids = chosen.size > 0 ? [...chosen] : current ? [current.id] : [];
    const acted = ids.flatMap((id) => desk.conversation(id) ?? []);
    const alone = acted.length === 1 ? acted[0] : undefined;
    const go = t`Go to`;
    const own: Choice[] = commands
      .list()
      .filter((command) => !command.unlisted && (command.when?.() ?? true))
      .map((command) => ({
        id: command.id,
        group: i18n._(command.group) === one ? here : i18n._(command.group),
        text: i18n._(command.title),
        also: command.also && i18n._(command.also),
        icon: <CommandIcon id={command.id} />,
        keys: command.keys?.[0],
        run: command.run,
      }));
    const assign: Choice[] =
      acted.length > 0 && mayTriage
        ? users
            .filter((user) => user.active && user.id !== me && user.role !== "viewer")
            .map((user) => ({
              id: `assign-${user.id}`,
              group: here,
              text: t`Assign to ${user.name}`,
              detail: alone?.assignee_ids.includes(user.id) ? t`is on it` : undefined,
              icon: <UserPlus aria-hidden />,
              run: () => many.assign(ids, [user]),
            }))
        : [];
    const add: Choice[] =
      alone && mayTriage && alone.assignees.length > 0
        ? users
            .filter((user) => user.active && user.role !== "viewer" && !alone.assignee_ids.includes(user.id))
            .map((user) => ({
              id: `add-${user.id}`,
              group: here,
              text: t`Assign also to ${user.name}`,
              detail: t`beside ${alone.assignees.map(({ name }) => name).join(", ")}`,
              icon: <UserPlus aria-hidden />,
              run: () => many.assign(ids, [...alone.assignees, user]),
            }))
        : [];
    const onAll = (label: Id) => acted.every(({ label_ids }) => label_ids.includes(label));
    const label: Choice[] =
      acted.length > 0 && mayTriage
        ? labels.map(({ id, name, colour }) => ({
            id: `label-${id}`,
            group: here,
            text: onAll(id) ? t`Take off the label ${name}` : t`Label ${name}`,
            icon: (
              <span className={css.dot}>
                <LabelDot colour={colour} />
              </span>
            ),
            run: () => (onAll(id) ? many.removeLabel(ids, id) : many.addLabel(ids, id)),
          }))
        : [];
    const lists: Choice[] = labels.map(({ id, name, colour }) => ({
      id: `go-${id}`,
      group: go,
      text: name,
      detail: t`label`,
      icon: (
        <span className={css.dot}>
          <LabelDot colour={colour} />
        </span>
      ),
      run: () => navigate(placePath({ team: null, view: id as LabelView, conversation: null })),
    }));
    const searches: Choice[] = inOrder(saved).map(({ id, name, query }) => ({
      id: `go-${id}`,
      group: go,
      text: name,
      also: query,
      detail: query,
      icon: <Bookmark aria-hidden />,
      run: () => navigate(searchPath(query)),
    }));
    const move: Choice[] =
      acted.length > 0 && mayTriage
        ? teams
            .filter((team) => acted.some(({ team_id }) => team_id !== team.id))
            .map((team) => ({
              id: `move-${team.id}`,
              group: here,
              text: t`Move to ${team.name}`,
              icon: <Users aria-hidden />,
              run: () => many.move(ids, team),
            }))
        : [];
    const places: Choice[] = teams.map((team) => ({
      id: `go-${team.id}`,
      group: go,
      text: team.name,
      detail: viewLabel("all"),
      icon: <LayoutList aria-hidden />,
      run: () => navigate(placePath({ team: team.id, view: "all", conversation: null })),
    }));
    const people: Choice[] = desk.recentConversations().map((conversation) => ({
      id: conversation.id,
      group: t`People`,
      text: contactName(conversation),
      also: `${conversation.contact.address} ${readableNumber(conversation.contact.address)} ${conversation.subject ?? ""}`,
      detail: conversation.preview,
      icon: conversation.contact.name ? (
        <Avatar id={conversation.id} name={contactName(conversation)} contact />
      ) : (
        <MessageSquare aria-hidden />
      ),
      run: () => onOpen(conversation.id),
    }));
    // The groups stand in the order of their first choice; what acts on everything comes last.
    const isApp = ({ id }: Choice) => id.startsWith("app.");
    const byHere = own.filter((choice) => choice.group === here);
    const others = own.filter((choice) => choice.group !== here && !isApp(choice));
    return [
      ...byHere,
      ...assign,
      ...add,
      ...move,
      ...label,
      ...people,
      ...others,
      ...places,
      ...lists,
      ...searches,
      ...own.filter(isApp),
    ];
    // oxlint-disable-next-line react/exhaustive-deps -- `t` is new at every render; the locale is what matters
  }, [
    commands,
    desk,
    many,
    current,
    chosen,
    me,
    mayTriage,
    users,
    teams,
    labels,
    saved,
    navigate,
    onOpen,
    i18n.locale,
  ]);
}

const COMMAND_ICONS: Record<string, typeof ChevronRight> = {
  "conversation.close": Archive,
  "conversation.reopen": Inbox,
  "conversation.snooze": Clock,
  "conversation.spam": Ban,
  "conversation.trash": Trash,
  "conversation.assign": UserPlus,
  "conversation.assignMe": UserCheck,
  "conversation.unassign": UserX,
  "conversation.label": Tag,
  "conversation.move": Users,
  "selection.assign": UserPlus,
  "selection.label": Tag,
  "selection.snooze": Clock,
  "conversation.follow": Bell,
  "conversation.mute": BellOff,
  "conversation.unread": Mail,
  "composer.reply": CornerUpLeft,
  "composer.note": Lock,
  "composer.attach": Paperclip,
  "app.undo": Undo,
  "app.search": Search,
  "app.new": SquarePen,
  "app.help": Keyboard,
  "app.panel": PanelRight,
  "go.mine": Inbox,
  "go.unassigned": UserX,
  "go.all": LayoutList,
  "go.mentions": AtSign,
  "go.following": Bell,
  "go.snoozed": Clock,
  "go.allSnoozed": Clock,
  "go.closed": Archive,
  "go.spam": Ban,
  "go.trash": Trash,
};

function CommandIcon({ id }: { id: string }) {
  const Icon = COMMAND_ICONS[id] ?? (id.startsWith("canned.") ? TextQuote : ChevronRight);
  return <Icon aria-hidden />;
}

function rank(choices: readonly Choice[], typed: string): { name: string; rows: Scored[] }[] {
  const groups = new Map<string, Scored[]>();
  for (const choice of choices) {
    const plain = match(choice.text, typed);
    const wide = plain ?? (choice.also ? match(`${choice.text} ${choice.also}`, typed) : null);
    if (!wide) continue;
    const hit = plain ?? { score: wide.score - 50, parts: [{ text: choice.text, hit: false }] };
    const rows = groups.get(choice.group) ?? [];
    rows.push({ ...choice, hit });
    groups.set(choice.group, rows);
  }
  const ranked = [...groups].map(([name, rows]) => ({
    name,
    rows: (typed.trim() === "" ? rows : rows.toSorted((a, b) => b.hit.score - a.hit.score)).slice(0, MOST_PER_GROUP),
  }));
  if (typed.trim() === "") return ranked;
  return ranked.toSorted((a, b) => (b.rows[0]?.hit.score ?? 0) - (a.rows[0]?.hit.score ?? 0));
}
