import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { Conversation, Id, Priority } from "@partyline/kit/api";
import { wholeNumber } from "@partyline/kit/i18n";
import { useApp, useConversations, useLabels, useMe, useUsers, useVisibleTeams } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Avatar, IconButton, Menu, type MenuItem } from "@partyline/kit/ui";
import {
  Ban,
  Check,
  Ellipsis,
  Inbox,
  Mail,
  MailOpen,
  Tag,
  Trash,
  UserPlus,
  UserX,
  Users,
  X,
} from "@partyline/kit/ui/icons";
import { Suspense, useEffect, useState } from "react";
import { assignable } from "../assign/index.ts";
import { useChosen, useManyActions, useSelection } from "../conversation/index.ts";
import { known } from "../keys/index.ts";
import { LabelPicker } from "../labels/index.ts";
import { SnoozeTimes } from "../snooze/index.ts";
import css from "./bulk.module.css";

/** From this width on there is room for the teams beside the rest. */
const TEAM_FROM_PX = 1_024;

/** What can be done with the conversations that are chosen; in the place of the line above the list. `total`: how many the list has. */
export function BulkBar({ total }: { total: number }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const many = useManyActions();
  const selection = useSelection();
  const ids = [...useChosen()];
  const conversations = useConversations(ids);
  const teams = useVisibleTeams();
  const [open, setOpen] = useState<"assign" | "label" | null>(null);

  useEffect(() => {
    return commands.add([
      { ...known("conversation.assign"), id: "selection.assign", run: () => setOpen("assign") },
      { ...known("conversation.label"), id: "selection.label", run: () => setOpen("label") },
    ]);
  }, [commands]);

  const allShut = conversations.every(isShut);
  const reopen: MenuItem = {
    id: "reopen",
    label: t`Reopen`,
    keys: shownKeys("conversation.reopen", "Shift+E"),
    icon: <Inbox aria-hidden />,
    disabled: conversations.every(({ status }) => status === "open"),
    onSelect: () => commands.run("conversation.reopen"),
  };
  const anyUnread = conversations.some(({ unread }) => unread);
  const priorities: [Priority, string][] = [
    ["none", t`None`],
    ["low", t`Low`],
    ["high", t`High`],
    ["urgent", t`Urgent`],
  ];
  const move: MenuItem[] = teams.map((team) => ({
    id: team.id,
    label: team.name,
    icon: <Users aria-hidden />,
    onSelect: () => many.move(ids, team),
  }));
  const count = wholeNumber(ids.length);
  return (
    <div className={css.bar} role="group" aria-label={t`${count} selected`}>
      <IconButton label={t`Clear the selection`} keys="Escape" compact onClick={() => selection.clear()}>
        <X aria-hidden />
      </IconButton>
      <span className={css.count}>
        <span className="el">
          <Trans>
            <b>{count}</b> selected
          </Trans>
        </span>
        {total > ids.length && <span className={`el ${css.of}`}>{t`of ${wholeNumber(total)}`}</span>}
      </span>
      {allShut ? (
        <IconButton
          label={t`Reopen`}
          keys={shownKeys("conversation.reopen", "Shift+E")}
          compact
          onClick={() => commands.run("conversation.reopen")}
        >
          <Inbox aria-hidden />
        </IconButton>
      ) : (
        <IconButton
          label={t`Close`}
          keys={shownKeys("conversation.close", "E")}
          compact
          onClick={() => commands.run("conversation.close")}
        >
          <Check aria-hidden />
        </IconButton>
      )}
      <AssignMany ids={ids} open={open === "assign"} onOpen={(next) => setOpen(next ? "assign" : null)} />
      <span className={css.team}>
        <Menu
          align="end"
          sections={[{ id: "team", heading: t`Move to`, items: move }]}
          trigger={
            <IconButton label={t`Move to a team`} keys={shownKeys("conversation.move", "V")} compact>
              <Users aria-hidden />
            </IconButton>
          }
        />
      </span>
      <IconButton
        label={t`Labels`}
        keys={shownKeys("conversation.label", "L")}
        compact
        onClick={() => setOpen("label")}
      >
        <Tag aria-hidden />
      </IconButton>
      {!allShut && (
        <SnoozeTimes label={t`Snooze`} command="selection.snooze" onSnooze={(until) => many.snooze(ids, until)} />
      )}
      <Menu
        align="end"
        sections={[
          {
            id: "state",
            items: [
              {
                id: "unread",
                label: anyUnread ? t`Mark read` : t`Mark unread`,
                keys: shownKeys("conversation.unread", "U"),
                icon: anyUnread ? <MailOpen aria-hidden /> : <Mail aria-hidden />,
                onSelect: () => commands.run("conversation.unread"),
              },
              ...(allShut ? [] : [reopen]),
              {
                id: "spam",
                label: t`Mark as spam`,
                keys: shownKeys("conversation.spam", "!"),
                icon: <Ban aria-hidden />,
                onSelect: () => commands.run("conversation.spam"),
              },
              {
                id: "trash",
                label: t`Put in the trash`,
                keys: shownKeys("conversation.trash", "#"),
                icon: <Trash aria-hidden />,
                onSelect: () => commands.run("conversation.trash"),
              },
            ],
          },
          {
            id: "priority",
            heading: t`Priority`,
            items: priorities.map(([value, label]) => ({
              id: value,
              label,
              checked: conversations.length > 0 && conversations.every(({ priority }) => priority === value),
              onSelect: () => many.prioritise(ids, value),
            })),
          },
          // where there is room it has a button of its own
          ...(window.innerWidth < TEAM_FROM_PX ? [{ id: "team", heading: t`Move to`, items: move }] : []),
        ]}
        trigger={
          <IconButton label={t`More for those selected`} compact>
            <Ellipsis aria-hidden />
          </IconButton>
        }
      />
      <Suspense fallback={null}>
        {open === "label" && <LabelMany ids={ids} of={conversations} onClose={() => setOpen(null)} />}
      </Suspense>
      <span className="sr" role="status">
        <Plural value={ids.length} one="# conversation selected" other="# conversations selected" />
      </span>
    </div>
  );
}

function isShut({ status }: Conversation): boolean {
  return status !== "open" && status !== "snoozed";
}

function AssignMany({ ids, open, onOpen }: { ids: readonly Id[]; open: boolean; onOpen: (open: boolean) => void }) {
  const { t } = useLingui();
  const many = useManyActions();
  const me = useMe()?.user.id;
  const people: MenuItem[] = assignable(useUsers(), me).map((user) => ({
    id: user.id,
    label: user.id === me ? t`${user.name} (you)` : user.name,
    icon: <Avatar id={user.id} name={user.name} />,
    keys: user.id === me ? shownKeys("conversation.assignMe", "I") : undefined,
    onSelect: () => many.assign(ids, [user]),
  }));
  const nobody: MenuItem = {
    id: "nobody",
    label: t`Nobody`,
    keys: shownKeys("conversation.unassign", "Shift+I"),
    icon: <UserX aria-hidden />,
    onSelect: () => many.assign(ids, []),
  };
  return (
    <Menu
      open={open}
      onOpenChange={onOpen}
      align="end"
      sections={[
        { id: "people", heading: t`Assign to`, items: people },
        { id: "nobody", items: [nobody] },
      ]}
      trigger={
        <IconButton label={t`Assign those selected`} keys={shownKeys("conversation.assign", "A")} compact>
          <UserPlus aria-hidden />
        </IconButton>
      }
    />
  );
}

/** A label that all have is taken off all; any other is put on all. */
function LabelMany({ ids, of, onClose }: { ids: readonly Id[]; of: readonly Conversation[]; onClose: () => void }) {
  const many = useManyActions();
  const labels = useLabels().map(({ id }) => id);
  const chosen = labels.filter((label) => of.length > 0 && of.every(({ label_ids }) => label_ids.includes(label)));
  const some = labels.filter((label) => of.some(({ label_ids }) => label_ids.includes(label)));
  return (
    <LabelPicker
      chosen={chosen}
      some={some}
      onToggle={(label, on) => (on ? many.addLabel(ids, label) : many.removeLabel(ids, label))}
      onClose={onClose}
    />
  );
}
