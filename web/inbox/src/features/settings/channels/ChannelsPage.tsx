import { useLingui } from "@lingui/react/macro";
import type { Id } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";
import { useChannels, useConnections, useMay } from "@partyline/kit/react";
import { Button, classes, IconButton } from "@partyline/kit/ui";
import { ChevronLeft, KeyRound, MessageSquare, Plus, RadioTower } from "@partyline/kit/ui/icons";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { Missing, NotLoaded, Waiting } from "../PageParts.tsx";
import { useProviders } from "../useProviders.ts";
import css from "./channels.module.css";
import { ChannelDetail } from "./ChannelDetail.tsx";
import { ConnectionDetail } from "./ConnectionDetail.tsx";
import { masked } from "./credentials.ts";
import { healthOf, type Health } from "./health.ts";
import { ToneMark } from "./ToneMark.tsx";

type Props = { channel: Id | null; connection: Id | null };

/** The numbers and the accounts, and one of them. Where nothing is chosen, a wide screen shows the first number. */
export function ChannelsPage({ channel: wanted, connection: account }: Props) {
  const { t } = useLingui();
  const channels = useChannels();
  const connections = useConnections();
  const providers = useProviders();
  const chosen = wanted ?? (account === null ? channels[0]?.id : undefined) ?? null;
  const at = wanted === null && account === null ? "list" : "detail";
  const channel = channels.find(({ id }) => id === chosen);
  const connection = connections.find(({ id }) => id === (account ?? channel?.connection_id));
  const provider =
    providers.state === "ready" ? providers.value.find(({ name }) => name === connection?.provider) : undefined;
  const title = provider?.title ?? channel?.provider ?? connection?.provider ?? "";

  const detail = () => {
    if (providers.state === "loading") return <Waiting />;
    if (providers.state === "failed") return <NotLoaded again={providers.again} />;
    if (account !== null) {
      if (connection === undefined) return <Missing what={t`Account`} back="/settings/channels" beside />;
      return (
        <ConnectionDetail
          key={connection.id}
          connection={connection}
          provider={provider}
          channels={channels.filter(({ connection_id }) => connection_id === connection.id)}
        />
      );
    }
    if (channel !== undefined) {
      // Nobody asked for this one: the page is still the list's.
      const level = at === "detail" ? 1 : 2;
      return <ChannelDetail key={channel.id} channel={channel} connection={connection} title={title} level={level} />;
    }
    return wanted === null ? <NoChannels /> : <Missing what={t`Channel`} back="/settings/channels" beside />;
  };
  return (
    <div className={css.split} data-at={at}>
      <ChannelList chosen={account ?? chosen} explicit={at === "detail"} />
      <section className={css.detail}>{detail()}</section>
    </div>
  );
}

function ChannelList({ chosen, explicit }: { chosen: Id | null; explicit: boolean }) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const may = useMay("channels.manage");
  const channels = useChannels();
  const connections = useConnections();
  const account = new Map(connections.map((connection) => [connection.id, connection]));
  // The list alone is a page of its own on a phone.
  const Title = explicit ? "h2" : "h1";
  return (
    <section className={css.pane} aria-label={t`Channels`}>
      <header className={css.bar}>
        <IconButton label={t`Back`} className={css.back} onClick={() => navigate("/settings")}>
          <ChevronLeft aria-hidden />
        </IconButton>
        <Title>{t`Channels`}</Title>
        {may && (
          <Button look="quiet" compact onClick={() => navigate("/settings/channels/new")}>
            <Plus aria-hidden />
            {t`Add`}
          </Button>
        )}
      </header>
      <div className={css.rows}>
        {channels.map((channel) => (
          <Row
            key={channel.id}
            to={`/settings/channels/${channel.id}`}
            chosen={channel.id === chosen}
            explicit={explicit}
            icon={<MessageSquare aria-hidden className={css.sms} />}
            name={channel.name}
            detail={t`SMS · ${readableNumber(channel.address)}`}
            tone={healthOf(channel, account.get(channel.connection_id)).tone}
          />
        ))}
        {channels.length === 0 && <p className={css.none}>{t`No number yet`}</p>}
        {connections.length > 0 && <h2 className={css.group}>{t`Accounts`}</h2>}
        {connections.map(({ id, name, account_id, status }) => (
          <Row
            key={id}
            to={`/settings/connections/${id}`}
            chosen={id === chosen}
            explicit={explicit}
            icon={<KeyRound aria-hidden />}
            name={name}
            detail={masked(account_id ?? "")}
            tone={status === "connected" ? "ok" : status === "refused" ? "danger" : "warn"}
          />
        ))}
      </div>
    </section>
  );
}

type RowProps = {
  to: string;
  chosen: boolean;
  explicit: boolean;
  icon: ReactNode;
  name: string;
  detail: string;
  tone: Health["tone"];
};

function Row({ to, chosen, explicit, icon, name, detail, tone }: RowProps) {
  return (
    <Link
      href={to}
      className={css.row}
      data-chosen={chosen || undefined}
      aria-current={chosen && explicit ? "page" : undefined}
    >
      {icon}
      <span className={css.rowText}>
        <span className={classes("el", chosen && css.strong)}>{name}</span>
        <span className={classes("el num", css.rowDetail)}>{detail}</span>
      </span>
      <ToneMark tone={tone} />
    </Link>
  );
}

function NoChannels() {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const may = useMay("channels.manage");
  return (
    <div className={css.empty}>
      <RadioTower aria-hidden />
      <h1>{t`No number is connected yet`}</h1>
      <p>
        {may
          ? t`Connect one, and whoever texts it appears in the inbox.`
          : t`An admin of the workspace can connect one.`}
      </p>
      {may && (
        <Button look="primary" onClick={() => navigate("/settings/channels/new")}>
          {t`Connect a number`}
        </Button>
      )}
    </div>
  );
}
