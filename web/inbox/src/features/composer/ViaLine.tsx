import { Trans, useLingui } from "@lingui/react/macro";
import type { Conversation } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";
import { ChannelMark, Menu } from "@partyline/kit/ui";
import { ChevronDown, Info } from "@partyline/kit/ui/icons";
import { contactName } from "../conversation/index.ts";
import css from "./composer.module.css";
import type { Via } from "./model.ts";

type Props = {
  conversation: Conversation;
  via: { channel: Via["channel"]; why: Via["why"] | "chosen" | "draft" } | null;
  onChannel: (id: string) => void;
};

/** The way a reply takes, as a sentence: what, to whom, from which of our numbers, and why that one. */
export function ViaLine({ conversation, via, onChannel }: Props) {
  const { t } = useLingui();
  if (!via) return <div className={css.via}>{t`No number is connected for this conversation.`}</div>;
  const { channel, why } = via;
  const number = readableNumber(conversation.contact.address);
  const name = conversation.contact.name ? `${contactName(conversation).split(" ", 1)[0]} ${number}` : number;
  const reasons = {
    last_wrote: t`They last wrote here`,
    last_used: t`We last wrote from here`,
    only: t`The only number here`,
    chosen: t`You chose this number`,
    draft: t`The draft is for this number`,
  };
  const named = (
    <>
      <span className="el">{channel.name}</span>
      <span className={css.digits}>··{channel.address.slice(-4)}</span>
    </>
  );
  const ours = <span className={css.pick}>{named}</span>;
  const several = conversation.channels.length > 1;
  return (
    <div className={css.via}>
      <span className={css.pick}>
        <ChannelMark kind={channel.kind} />
      </span>
      <span className={css.toWhom}>
        <Trans comment="between channel and person, in: SMS to Maya from West line">to</Trans>
        <span className={css.pick} data-tip={number}>
          <span className="el">{name}</span>
        </span>
      </span>
      <Trans comment="between person and our number, in: SMS to Maya from West line">from</Trans>
      {several ? (
        <Menu
          sections={[
            {
              id: "from",
              heading: t`Send from`,
              items: conversation.channels.map((each) => ({
                id: each.id,
                label: each.name,
                detail: readableNumber(each.address),
                checked: each.id === channel.id,
                onSelect: () => onChannel(each.id),
              })),
            },
          ]}
          trigger={
            <button type="button" className={css.pick} aria-label={t`From ${channel.name}. Change`}>
              {named}
              <ChevronDown aria-hidden />
            </button>
          }
        />
      ) : (
        ours
      )}
      <span className={css.gap} />
      <span className={css.why}>
        <Info aria-hidden />
        <span className="el">{reasons[why]}</span>
      </span>
    </div>
  );
}
