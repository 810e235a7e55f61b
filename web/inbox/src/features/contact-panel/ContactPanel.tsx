import { useLingui } from "@lingui/react/macro";
import type { Conversation, EventEntry, Id, Team } from "@partyline/kit/api";
import { fullWhen, readableNumber, shortWhen } from "@partyline/kit/i18n";
import { useConversation, useMe, useMinute, useTeams, useThread, useTopic } from "@partyline/kit/react";
import { shownKeys } from "@partyline/kit/shortcuts";
import { Avatar, ChannelMark, Chip, IconButton, showToast } from "@partyline/kit/ui";
import { Check, Copy, X } from "@partyline/kit/ui/icons";
import { contactName } from "../conversation/index.ts";
import { LabelChips } from "../labels/index.ts";
import { eventSentence } from "../thread/index.ts";
import css from "./panel.module.css";

type Props = { id: Id; onClose: () => void; onOpen: (id: Id) => void };

/** Who they are, how they may be reached, and what else they have said. */
export function ContactPanel({ id, onClose, onOpen }: Props) {
  const { t } = useLingui();
  const conversation = useConversation(id);
  const teams = useTeams();
  if (!conversation) return <aside className={css.panel} aria-label={t`Contact`} />;
  const name = contactName(conversation);
  return (
    <aside className={css.panel} aria-label={t`Contact`} data-region="">
      <header className={css.head}>
        <Avatar id={conversation.contact.id} name={name} size={40} contact />
        <div className={css.who}>
          <h2 className="el">{name}</h2>
          <p className="el">
            {conversation.contact.name ? readableNumber(conversation.contact.address) : t`No name yet`}
          </p>
        </div>
        <IconButton
          label={t`Hide the contact`}
          keys={shownKeys("app.panel", ".")}
          compact
          className={css.close}
          onClick={onClose}
        >
          <X aria-hidden />
        </IconButton>
      </header>
      <Reach conversation={conversation} />
      <Details conversation={conversation} teams={teams} />
      <Timeline conversation={conversation} onOpen={onOpen} />
    </aside>
  );
}

function Reach({ conversation }: { conversation: Conversation }) {
  const { t } = useLingui();
  const { address } = conversation.contact;
  const entries = useThread(conversation.id)?.entries ?? [];
  const wrote = entries.some((entry) => entry.type === "message" && entry.direction === "inbound");
  const recorded = entries.findLast(
    (entry): entry is EventEntry => entry.type === "event" && entry.event === "consent.changed",
  );
  const me = useMe()?.user.id;
  const copy = () => {
    void navigator.clipboard?.writeText(address).then(() => showToast({ id: "copied", text: t`Number copied.` }));
  };
  return (
    <section className={css.section}>
      <h3>{t`Reach and consent`}</h3>
      <div className={css.reach}>
        <ChannelMark kind={conversation.channels[0]?.kind ?? "sms"} />
        <span className="el num">{readableNumber(address)}</span>
        <IconButton label={t`Copy the number`} compact className={css.small} onClick={copy}>
          <Copy aria-hidden />
        </IconButton>
      </div>
      <div className={css.consent}>
        {conversation.opted_out ? (
          <Chip tone="danger">
            <X aria-hidden />
            {t`Opted out`}
          </Chip>
        ) : (
          <Chip tone={wrote ? "ok" : undefined}>
            {wrote && <Check aria-hidden />}
            {wrote ? t`Can be answered` : t`No answer yet`}
          </Chip>
        )}
      </div>
      <p className={css.reason}>
        {recorded
          ? eventSentence(recorded, me)
          : conversation.opted_out
            ? t`They opted out. START from this number undoes it.`
            : wrote
              ? t`They wrote to you, so they can be answered.`
              : t`They have not written yet.`}
      </p>
      {recorded && <p className={css.faint}>{fullWhen(new Date(recorded.at))}</p>}
    </section>
  );
}

function Details({ conversation, teams }: { conversation: Conversation; teams: readonly Team[] }) {
  const { t } = useLingui();
  const team = teams.find(({ id }) => id === conversation.team_id);
  const since = new Date(conversation.created_at);
  const now = new Date(useMinute());
  return (
    <section className={css.section}>
      <h3>{t`Details`}</h3>
      <dl className={css.pairs}>
        <dt>{t`Team`}</dt>
        <dd className="el">{team?.name ?? t`None`}</dd>
        <dt>{t`On it`}</dt>
        <dd className="el">{conversation.assignees.map(({ name }) => name).join(", ") || t`Nobody`}</dd>
        {conversation.label_ids.length > 0 && (
          <>
            <dt>{t`Labels`}</dt>
            <dd>
              <LabelChips ids={conversation.label_ids} />
            </dd>
          </>
        )}
        <dt>{t`Writes to`}</dt>
        <dd className="el">{conversation.channels.map(({ name }) => name).join(", ")}</dd>
        <dt>{t`Began`}</dt>
        <dd className="el" data-tip={fullWhen(since)}>
          {shortWhen(since, now)}
        </dd>
      </dl>
    </section>
  );
}

/** The person's conversations that this tab knows. */
function Timeline({ conversation, onOpen }: { conversation: Conversation; onOpen: (id: Id) => void }) {
  const { t } = useLingui();
  const now = new Date(useMinute());
  const others = useTopic(`conversation:${conversation.id}`, (desk) => desk.conversationsOf(conversation.contact.id));
  return (
    <section className={css.section}>
      <h3>{t`Timeline`}</h3>
      <ol className={css.timeline}>
        {others.map((other) => (
          <li key={other.id} data-now={other.id === conversation.id || undefined}>
            <div>
              {other.id === conversation.id ? (
                <b className="el">{other.subject ?? t`This conversation`}</b>
              ) : (
                <button type="button" className="el" onClick={() => onOpen(other.id)}>
                  {other.subject ?? other.preview}
                </button>
              )}
              <time className={css.when}>{shortWhen(new Date(other.last_activity_at), now)}</time>
            </div>
            <span className={css.faint}>{other.status === "closed" ? t`closed` : t`open`}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
