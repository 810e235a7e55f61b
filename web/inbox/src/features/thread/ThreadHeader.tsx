import { Trans, useLingui } from "@lingui/react/macro";
import type { Conversation } from "@partyline/kit/api";
import { fullWhen } from "@partyline/kit/i18n";
import { useApp, useMay, useMe, useMinute, useVisibleTeams } from "@partyline/kit/react";
import { Button, classes, IconButton, Kbd, Menu, type MenuItem } from "@partyline/kit/ui";
import {
  Archive,
  Check,
  ChevronLeft,
  CircleAlert,
  Ellipsis,
  Inbox,
  Mail,
  PanelRight,
  Users,
} from "@partyline/kit/ui/icons";
import { AssignMenu } from "../assign/index.ts";
import { contactName, TARGET_MINUTES, useActions, Waiting, waitMinutes } from "../conversation/index.ts";
import css from "./thread.module.css";

type Props = { conversation: Conversation; onBack: () => void; panelOpen: boolean; onPanel: () => void };

export function ThreadHeader({ conversation, onBack, panelOpen, onPanel }: Props) {
  const { t } = useLingui();
  const { commands } = useApp();
  const actions = useActions();
  const teams = useVisibleTeams();
  const mayTriage = useMay("conversation.triage");
  const closed = conversation.status === "closed";
  const shut: MenuItem = closed
    ? {
        id: "reopen",
        label: t`Reopen`,
        keys: "Shift+E",
        icon: <Inbox aria-hidden />,
        onSelect: () => commands.run("conversation.reopen"),
      }
    : {
        id: "close",
        label: t`Close`,
        keys: "E",
        icon: <Archive aria-hidden />,
        onSelect: () => commands.run("conversation.close"),
      };
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
        <h2 className="el">{conversation.subject ?? contactName(conversation)}</h2>
        <StateLine conversation={conversation} />
      </div>
      <AssignMenu conversation={conversation} />
      {!mayTriage ? null : closed ? (
        <Button compact className={css.closeButton} onClick={() => commands.run("conversation.reopen")}>
          <Inbox aria-hidden className={css.touchOnly} />
          <span>{t`Reopen`}</span> <Kbd keys="Shift+E" />
        </Button>
      ) : (
        <Button compact className={css.closeButton} onClick={() => commands.run("conversation.close")}>
          <Check aria-hidden className={css.touchOnly} />
          <span>{t`Close`}</span> <Kbd keys="E" />
        </Button>
      )}
      <IconButton
        label={t`Contact`}
        keys="."
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
                keys: "U",
                icon: <Mail aria-hidden />,
                onSelect: () => commands.run("conversation.unread"),
              },
              ...(mayTriage ? [shut] : []),
            ],
          },
          ...(mayTriage ? [{ id: "team", heading: t`Team`, items: move }] : []),
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

/** Under the name: how long they wait against the target, or who answered. */
function StateLine({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const me = useMe()?.user;
  const now = useMinute();
  const minutes = waitMinutes(conversation, now);
  if (conversation.status === "closed") {
    return (
      <p className={css.state}>
        <Archive aria-hidden />
        <span className="el">{t`Closed`}</span>
      </p>
    );
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
