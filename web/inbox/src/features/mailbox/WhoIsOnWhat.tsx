import { Plural, useLingui } from "@lingui/react/macro";
import type { Id, User } from "@partyline/kit/api";
import { longDay, clockTime } from "@partyline/kit/i18n";
import {
  useApp,
  useConversation,
  useCounts,
  useMe,
  useMinute,
  useTeams,
  useTopic,
  useUsers,
} from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Avatar, ChannelMark, Dots, Kbd } from "@partyline/kit/ui";
import { CircleAlert, CircleCheck, Eye } from "@partyline/kit/ui/icons";
import { useEffect } from "react";
import { contactName, Waiting } from "../conversation/index.ts";
import css from "./mailbox.module.css";

/** What stands beside the list while nothing is open: colleagues, what is worth a minute, and the keys. */
export function WhoIsOnWhat({ team, onOpen }: { team: Id | null; onOpen: (id: Id) => void }) {
  const { t } = useLingui();
  const now = useMinute();
  const me = useMe();
  const teams = useTeams();
  const counts = useCounts();
  const users = useUsers().filter(
    (user) => user.active && (team === null || teams.find(({ id }) => id === team)?.member_ids.includes(user.id)),
  );
  const somewhere = useTopic("presence", (desk) => desk.allPresence().length > 0);
  const name = teams.find(({ id }) => id === team)?.name ?? me?.workspace.name ?? "";
  const at = new Date(now);
  const when = `${longDay(at, at)}, ${clockTime(at)}`;
  const unassigned = (team === null ? counts?.unassigned : counts?.teams[team]?.unassigned)?.total ?? 0;
  return (
    <section className={css.quiet} aria-label={t`Who is on what`}>
      <div className={css.quietInner}>
        <h2 className={css.quietTitle}>{t`Who is on what`}</h2>
        <p className={css.quietLead}>
          {name} · {when}
        </p>
        <div className={css.board}>
          <div className={css.boardHead}>
            <span>
              <Plural value={users.length} one="# colleague" other="# colleagues" />
            </span>
            {somewhere && <span>{t`waiting`}</span>}
          </div>
          {users.map((user) => (
            <Colleague key={user.id} user={user} me={user.id === me?.user.id} onOpen={onOpen} />
          ))}
        </div>
        <div className={css.cards}>
          <div className={css.card}>
            <b>{t`Worth a minute`}</b>
            <span className={css.cardLine}>
              {unassigned > 0 ? (
                <CircleAlert aria-hidden className={css.warn} />
              ) : (
                <CircleCheck aria-hidden className={css.ok} />
              )}
              <Plural
                value={unassigned}
                _0="Everything has an owner"
                one="# conversation has no owner"
                other="# conversations have no owner"
              />
            </span>
            <span className={css.cardLine}>
              <CircleCheck aria-hidden />
              <Plural
                value={counts?.mine.total ?? 0}
                _0="Nothing is yours right now"
                one="# conversation is yours"
                other="# conversations are yours"
              />
            </span>
          </div>
          <div className={css.card}>
            <b>{t`From the keyboard`}</b>
            <span className={css.cardLine}>
              <Kbd keys={shownKeys("app.new", "C")} />
              {t`write to someone`}
            </span>
            <span className={css.cardLine}>
              <Kbd keys={shownKeys("app.search", "/")} />
              {t`search and jump`}
            </span>
            <span className={css.cardLine}>
              <Kbd keys={shownKeys("app.help", "?")} />
              {t`all shortcuts`}
            </span>
          </div>
        </div>
      </div>
    </section>
  );
}

function Colleague({ user, me, onOpen }: { user: User; me: boolean; onOpen: (id: Id) => void }) {
  const { t } = useLingui();
  const { loader } = useApp();
  const presence = useTopic("presence", (desk) => desk.allPresence());
  const writing = presence.find(({ typing }) => typing.some(({ id }) => id === user.id));
  const reading = writing ?? presence.find(({ viewers }) => viewers.some(({ id }) => id === user.id));
  const where = reading?.conversation_id ?? null;
  const conversation = useConversation(where);
  const known = conversation !== undefined;
  useEffect(() => {
    // Out of sight for this user: then only the state of the colleague is shown.
    if (where !== null && !known) loader.conversation(where).catch(() => undefined);
  }, [loader, where, known]);
  return (
    <div className={css.boardRow}>
      <Avatar id={user.id} name={user.name} size={24} typing={writing !== undefined} />
      <b className={`el ${css.boardName}`}>{user.name}</b>
      <span className={css.boardState} data-writing={writing ? "" : undefined}>
        {writing ? (
          <>
            <Dots /> {t`writing`}
          </>
        ) : reading ? (
          <>
            <Eye aria-hidden /> {t`reading`}
          </>
        ) : me ? (
          t`you`
        ) : (
          ""
        )}
      </span>
      {conversation ? (
        <>
          <button type="button" className={`el ${css.boardWhat}`} onClick={() => onOpen(conversation.id)}>
            {conversation.subject ?? contactName(conversation)}
          </button>
          {conversation.channels[0] && <ChannelMark kind={conversation.channels[0].kind} />}
          <span className={css.boardWait}>
            <Waiting conversation={conversation} />
          </span>
        </>
      ) : (
        <span className={css.boardWhat} />
      )}
    </div>
  );
}
