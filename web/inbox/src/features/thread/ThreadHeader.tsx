import { Trans, useLingui } from "@lingui/react/macro";
import type { Conversation, Priority } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import { useApp, useMay, useMe, useMinute, useVisibleTeams } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Button, classes, IconButton, Kbd, Menu, type MenuItem } from "@partyline/kit/ui";
import {
  Archive,
  Ban,
  Bell,
  BellOff,
  Check,
  ChevronLeft,
  CircleAlert,
  Clock,
  Ellipsis,
  Inbox,
  Mail,
  PanelRight,
  Tag,
  Trash,
  Users,
} from "@partyline/kit/ui/icons";
import type { ReactNode } from "react";
import { AssignMenu } from "../assign/index.ts";
import { contactName, PriorityMark, TARGET_MINUTES, useActions, Waiting, waitMinutes } from "../conversation/index.ts";
import { LabelChips, LabelCommand } from "../labels/index.ts";
import { SnoozeMenu } from "../snooze/index.ts";
import css from "./thread.module.css";

/** Labels beside the name; the panel has them all. */
const MOST_LABELS = 3;

type Props = { conversation: Conversation; onBack: () => void; panelOpen: boolean; onPanel: () => void };

export function ThreadHeader({ conversation, onBack, panelOpen, onPanel }: Props) {
  const { t } = useLingui();
  const { commands } = useApp();
  const actions = useActions();
  const teams = useVisibleTeams();
  const mayTriage = useMay("conversation.triage");
  // What is set aside can be closed, and opened before its time.
  const closed = conversation.status !== "open" && conversation.status !== "snoozed";
  const snoozed = conversation.status === "snoozed";
  const reopen: MenuItem = {
    id: "reopen",
    label: t`Reopen`,
    keys: shownKeys("conversation.reopen", "Shift+E"),
    icon: <Inbox aria-hidden />,
    onSelect: () => commands.run("conversation.reopen"),
  };
  const shut: MenuItem = closed
    ? reopen
    : {
        id: "close",
        label: t`Close`,
        keys: shownKeys("conversation.close", "E"),
        icon: <Archive aria-hidden />,
        onSelect: () => commands.run("conversation.close"),
      };
  const away: MenuItem[] = [
    {
      id: "spam",
      label: t`Mark as spam`,
      keys: shownKeys("conversation.spam", "!"),
      icon: <Ban aria-hidden />,
      disabled: conversation.status === "spam",
      onSelect: () => commands.run("conversation.spam"),
    },
    {
      id: "trash",
      label: t`Put in the trash`,
      keys: shownKeys("conversation.trash", "#"),
      icon: <Trash aria-hidden />,
      disabled: conversation.status === "trash",
      onSelect: () => commands.run("conversation.trash"),
    },
  ];
  const priorities: [Priority, string][] = [
    ["none", t`None`],
    ["low", t`Low`],
    ["high", t`High`],
    ["urgent", t`Urgent`],
  ];
  const priority: MenuItem[] = priorities.map(([value, label]) => ({
    id: value,
    label,
    checked: conversation.priority === value,
    onSelect: () => actions.prioritise(conversation.id, value),
  }));
  const move: MenuItem[] = teams.map((team) => ({
    id: team.id,
    label: team.name,
    checked: team.id === conversation.team_id,
    icon: <Users aria-hidden />,
    onSelect: () => actions.move(conversation.id, team),
  }));
  return (
    <header className={css.bar}>
      <IconButton label={t`Back to the list`} className={css.back} onClick={onBack}>
        <ChevronLeft aria-hidden />
      </IconButton>
      <div className={css.heading}>
        <div className={css.subject}>
          <h2 className="el">{conversation.subject ?? contactName(conversation)}</h2>
          <PriorityMark priority={conversation.priority} />
          <span className={css.labels}>
            <LabelChips ids={conversation.label_ids} most={MOST_LABELS} />
          </span>
        </div>
        <StateLine conversation={conversation} />
      </div>
      <AssignMenu conversation={conversation} />
      {mayTriage && <LabelCommand conversation={conversation} />}
      {mayTriage && !closed && <SnoozeMenu conversation={conversation} />}
      {!mayTriage ? null : closed ? (
        <Button compact className={css.closeButton} onClick={() => commands.run("conversation.reopen")}>
          <Inbox aria-hidden className={css.touchOnly} />
          <span>{t`Reopen`}</span> <Kbd keys={shownKeys("conversation.reopen", "Shift+E")} />
        </Button>
      ) : (
        <Button compact className={css.closeButton} onClick={() => commands.run("conversation.close")}>
          <Check aria-hidden className={css.touchOnly} />
          <span>{t`Close`}</span> <Kbd keys={shownKeys("conversation.close", "E")} />
        </Button>
      )}
      <IconButton
        label={t`Contact`}
        keys={shownKeys("app.panel", ".")}
        compact
        className={css.panelButton}
        aria-pressed={panelOpen}
        onClick={onPanel}
      >
        <PanelRight aria-hidden />
      </IconButton>
      <Menu
        align="end"
        sections={[
          {
            id: "state",
            items: [
              {
                id: "unread",
                label: conversation.unread ? t`Mark read` : t`Mark unread`,
                keys: shownKeys("conversation.unread", "U"),
                icon: <Mail aria-hidden />,
                onSelect: () => commands.run("conversation.unread"),
              },
              ...(mayTriage ? [shut, ...(snoozed ? [reopen] : []), ...away] : []),
            ],
          },
          {
            id: "mine",
            items: [
              {
                id: "follow",
                label: conversation.following ? t`Follow no more` : t`Follow`,
                icon: <Bell aria-hidden />,
                onSelect: () => commands.run("conversation.follow"),
              },
              {
                id: "mute",
                label: conversation.muted ? t`Mute no more` : t`Mute`,
                icon: <BellOff aria-hidden />,
                onSelect: () => commands.run("conversation.mute"),
              },
              ...(mayTriage
                ? [
                    {
                      id: "label",
                      label: t`Labels…`,
                      keys: shownKeys("conversation.label", "L"),
                      icon: <Tag aria-hidden />,
                      onSelect: () => commands.run("conversation.label"),
                    },
                  ]
                : []),
            ],
          },
          ...(mayTriage
            ? [
                { id: "priority", heading: t`Priority`, items: priority },
                { id: "team", heading: t`Team`, items: move },
              ]
            : []),
        ]}
        trigger={
          <IconButton label={t`More`} compact>
            <Ellipsis aria-hidden />
          </IconButton>
        }
      />
    </header>
  );
}

function State({ icon, text }: { icon: ReactNode; text: string }) {
  return (
    <p className={css.state}>
      {icon}
      <span className="el">{text}</span>
    </p>
  );
}

/** Under the name: how long they wait against the target, or who answered. */
function StateLine({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const me = useMe()?.user;
  const now = useMinute();
  const minutes = waitMinutes(conversation, now);
  const until = conversation.snoozed_until === null ? null : fullWhen(new Date(conversation.snoozed_until));
  switch (conversation.status) {
    case "closed":
      return <State icon={<Archive aria-hidden />} text={t`Closed`} />;
    case "snoozed":
      return (
        <State
          icon={<Clock aria-hidden />}
          text={until === null ? t`Set aside until they write` : t`Set aside until ${until}`}
        />
      );
    case "spam":
      return <State icon={<Ban aria-hidden />} text={t`Spam`} />;
    case "trash":
      return <State icon={<Trash aria-hidden />} text={t`In the trash`} />;
  }
  if (minutes === null && conversation.last_message?.delivery_status === "failed") {
    return (
      <p className={classes(css.state, css.undelivered)}>
        <CircleAlert aria-hidden />
        <span className="el">{t`The last message was not delivered`}</span>
      </p>
    );
  }
  if (minutes === null) {
    const who = conversation.last_message?.author_name;
    return (
      <p className={classes(css.state, css.answered)} title={fullWhen(new Date(conversation.last_activity_at))}>
        <Check aria-hidden />
        <span className="el">
          {who && conversation.last_message?.direction === "outbound"
            ? who === me?.name
              ? t`Answered by you`
              : t`Answered by ${who}`
            : t`Nobody waits`}
        </span>
      </p>
    );
  }
  const late = minutes - TARGET_MINUTES;
  const left = -late;
  return (
    <p className={css.state}>
      <Waiting conversation={conversation} />
      <span className={classes("el", css.target)}>
        {late > 0 && late < 120 ? (
          <Trans>
            waiting, {late} min past the {TARGET_MINUTES} min target
          </Trans>
        ) : late >= 0 ? (
          <Trans>waiting, past the {TARGET_MINUTES} min target</Trans>
        ) : (
          <Trans>waiting, {left} min to the target</Trans>
        )}
      </span>
    </p>
  );
}
