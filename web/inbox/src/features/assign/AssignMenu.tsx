import { useLingui } from "@lingui/react/macro";
import type { Conversation, Id, User } from "@partyline/kit/api";
import { useApp, useMay, useMe, useTopic, useUsers } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Avatar, Button, Menu, type MenuItem } from "@partyline/kit/ui";
import { ChevronDown, UserPlus, UserX } from "@partyline/kit/ui/icons";
import { useEffect, useState } from "react";
import { useActions, useSelection } from "../conversation/index.ts";
import { known } from "../keys/index.ts";
import css from "./assign.module.css";

/** Who is on it, and for who may, the menu to change that (A). */
export function AssignMenu({ conversation }: { conversation: Conversation }) {
  return useMay("conversation.triage") ? <Assign conversation={conversation} /> : <OnIt conversation={conversation} />;
}

/** Who can be on a conversation: oneself first, the others by name. */
export function assignable(users: readonly User[], me: Id | undefined): User[] {
  return users
    .filter((user) => user.active && user.role !== "viewer")
    .sort((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name));
}

function OnIt({ conversation }: { conversation: Conversation }) {
  return conversation.assignees.map(({ id, name }) => <Avatar key={id} id={id} name={name} />);
}

function Assign({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const { commands } = useApp();
  const actions = useActions();
  const selection = useSelection();
  const me = useMe()?.user;
  const users = useUsers();
  const presence = useTopic("presence", (desk) => desk.allPresence());
  const [open, setOpen] = useState(false);

  useEffect(
    () =>
      commands.add([
        {
          ...known("conversation.assign"),
          when: () => selection.size === 0,
          run: () => setOpen(true),
        },
      ]),
    [commands, selection],
  );

  const [first] = conversation.assignees;
  const more = conversation.assignees.length - 1;
  const here = new Set(presence.flatMap(({ viewers, typing }) => [...viewers, ...typing].map(({ id }) => id)));
  const able = assignable(users, me?.id);
  const item = (user: User): MenuItem => ({
    id: user.id,
    label: user.id === me?.id ? t`${user.name} (you)` : user.name,
    icon: <Avatar id={user.id} name={user.name} here={here.has(user.id)} />,
    onSelect: () => actions.assign(conversation.id, [user]),
  });
  const on = able.filter((user) => conversation.assignee_ids.includes(user.id));
  const others = able.filter((user) => !on.includes(user));
  const off: MenuItem[] = on.map((user) => ({
    ...item(user),
    id: `on-${user.id}`,
    checked: true,
    onSelect: () =>
      actions.assign(
        conversation.id,
        conversation.assignees.filter(({ id }) => id !== user.id),
      ),
  }));
  const give: MenuItem[] = others.map((user) => ({ ...item(user), keys: user.id === me?.id ? "I" : undefined }));
  const add: MenuItem[] = others.map((user) => ({
    ...item(user),
    id: `add-${user.id}`,
    onSelect: () => actions.assign(conversation.id, [...conversation.assignees, user]),
  }));
  return (
    <Menu
      open={open}
      onOpenChange={setOpen}
      align="end"
      sections={[
        ...(off.length > 0 ? [{ id: "on", heading: t`On it`, items: off }] : []),
        { id: "people", heading: off.length > 0 ? t`Hand over to` : t`Assign to`, items: give },
        ...(off.length > 0 ? [{ id: "add", heading: t`Add`, items: add }] : []),
        {
          id: "nobody",
          items: [
            {
              id: "nobody",
              label: t`Nobody`,
              keys: shownKeys("conversation.unassign", "Shift+I"),
              icon: <UserX aria-hidden />,
              disabled: first === undefined,
              onSelect: () => actions.assign(conversation.id, []),
            },
          ],
        },
      ]}
      trigger={
        <Button
          compact
          className={css.trigger}
          aria-label={first ? t`Assigned to ${first.name}. Change` : t`Assign`}
          data-tip={t`Assign`}
          data-tip-keys={shownKeys("conversation.assign", "A")}
        >
          {first ? <Avatar id={first.id} name={first.name} /> : <UserPlus aria-hidden />}
          <span className={`el ${css.name}`}>
            {first?.name ?? t`Assign`}
            {more > 0 && ` +${more}`}
          </span>
          <ChevronDown aria-hidden className={css.chevron} />
        </Button>
      }
    />
  );
}
