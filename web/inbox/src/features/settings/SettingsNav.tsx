import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useApp, useChannels, useConnections, useHeldCount, useMay, useMe } from "@partyline/kit/react";
import { wholeNumber } from "@partyline/kit/i18n";
import { Avatar, Kbd } from "@partyline/kit/ui";
import {
  BellRing,
  Building,
  ChevronLeft,
  ChevronRight,
  CircleUser,
  Keyboard,
  MailWarning,
  RadioTower,
  Tag,
  TextQuote,
  User,
  Users,
} from "@partyline/kit/ui/icons";
import { useEffect, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { healthOf } from "./channels/health.ts";
import { useRoleWords } from "./people/roles.ts";
import css from "./settings.module.css";

export function SettingsNav() {
  const { t } = useLingui();
  const { loader } = useApp();
  const me = useMe();
  const channels = useChannels();
  const connections = useConnections();
  const roles = useRoleWords();
  const manages = useMay("channels.manage");
  const answers = useMay("conversation.reply");
  const held = useHeldCount();
  useEffect(() => {
    // Without them only the marks of trouble are missing.
    loader.connections().catch(() => undefined);
  }, [loader]);
  const account = new Map(connections.map((connection) => [connection.id, connection]));
  const ailing = channels.filter(
    (channel) => healthOf(channel, account.get(channel.connection_id)).tone !== "ok",
  ).length;
  return (
    <nav className={css.nav} aria-label={t`Settings`} data-region='[aria-current="page"]'>
      <Link href="/" className={css.leave} aria-keyshortcuts="Escape">
        <ChevronLeft aria-hidden />
        <span>{t`Back to the inbox`}</span>
        <Kbd keys="Escape" />
      </Link>
      <h1 className={css.menuTitle}>{t`Settings`}</h1>
      <h2 className={css.navHead}>{t`Workspace`}</h2>
      <NavItem to="/settings/general" first icon={<Building aria-hidden />}>{t`General`}</NavItem>
      <NavItem to="/settings/people" icon={<User aria-hidden />}>{t`People`}</NavItem>
      <NavItem to="/settings/teams" icon={<Users aria-hidden />}>{t`Teams`}</NavItem>
      <NavItem to="/settings/labels" icon={<Tag aria-hidden />}>{t`Labels`}</NavItem>
      <h2 className={css.navHead}>{t`Messaging`}</h2>
      <NavItem
        to="/settings/channels"
        also="/settings/connections"
        icon={<RadioTower aria-hidden />}
        count={ailing > 0 ? { number: ailing, name: t`${ailing} with trouble` } : undefined}
      >{t`Channels`}</NavItem>
      {answers && <NavItem to="/settings/canned" icon={<TextQuote aria-hidden />}>{t`Canned responses`}</NavItem>}
      {manages && (
        <NavItem
          to="/settings/held"
          icon={<MailWarning aria-hidden />}
          count={
            held > 0
              ? { number: held, name: plural(held, { one: "# message waits", other: "# messages wait" }) }
              : undefined
          }
        >{t`Held messages`}</NavItem>
      )}
      <h2 className={css.navHead}>{t`You`}</h2>
      <NavItem to="/settings/profile" icon={<CircleUser aria-hidden />}>{t`Your profile`}</NavItem>
      <NavItem to="/settings/notifications" icon={<BellRing aria-hidden />}>{t`Notifications`}</NavItem>
      <NavItem to="/settings/keyboard" icon={<Keyboard aria-hidden />}>{t`Your keyboard`}</NavItem>
      <span className={css.gap} />
      {me && (
        <div className={css.me}>
          <Avatar id={me.user.id} name={me.user.name} here />
          <span className="el">{me.user.name}</span>
          <span className={css.role}>{roles[me.user.role]}</span>
        </div>
      )}
    </nav>
  );
}

type ItemProps = {
  to: string;
  /** Other addresses that belong to it. */
  also?: string;
  /** Shown at /settings too, where the screen is wide. */
  first?: boolean;
  icon: ReactNode;
  count?: { number: number; name: string } | undefined;
  children: ReactNode;
};

function NavItem({ to, also, first, icon, count, children }: ItemProps) {
  const [location] = useLocation();
  const here =
    location.startsWith(to) || (also !== undefined && location.startsWith(also)) || (first && location === "/settings");
  return (
    <Link href={to} className={css.item} aria-current={here ? "page" : undefined}>
      {icon}
      <span className="el">{children}</span>
      {count !== undefined && (
        <span className={css.count} data-tip={count.name} role="img" aria-label={count.name}>
          {wholeNumber(count.number)}
        </span>
      )}
      <ChevronRight aria-hidden className={css.chevron} />
    </Link>
  );
}
