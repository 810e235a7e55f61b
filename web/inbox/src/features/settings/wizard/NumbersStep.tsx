import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { Setup, Verification, VerifiedNumber } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";
import { useApp, useMe, useTeams } from "@partyline/kit/react";
import { Button, Checkbox, Notice } from "@partyline/kit/ui";
import { ArrowRight, CircleCheck, Search, TriangleAlert } from "@partyline/kit/ui/icons";
import { useCallback, useState, type ReactNode } from "react";
import { masked } from "../channels/credentials.ts";
import { TeamSelect } from "../channels/TeamSelect.tsx";
import settings from "../settings.module.css";
import { useLoaded } from "../useLoaded.ts";
import type { StepProps } from "./parts.ts";
import { StepForm } from "./StepForm.tsx";
import type { Connecting } from "./useConnecting.ts";
import { fateOf, toConnect, usable, type Fate } from "./wizard.ts";
import css from "./wizard.module.css";

/** From this many on, a list is easier to filter than to read. */
const FILTER_FROM = 5;

type Props = StepProps & { found: Verification; title: string; connecting: Connecting };

/** The proof that the account is the right one, its numbers, and exactly what going on changes at the provider. */
export function NumbersStep({ draft, send, go, found, title, connecting }: Props) {
  const { t } = useLingui();
  const ours = useOurAddress(draft.provider ?? "");
  const [filter, setFilter] = useState("");
  const chosen = toConnect(draft);
  const shown = found.numbers.filter((number) => matches(number, filter));
  const onSubmit = () => {
    if (connecting.needsKeys && chosen.length > 0) return go("connect");
    connecting.run(chosen);
    go("route");
  };
  const goesOn = chosen.length === 0 && Object.keys(draft.outcomes).length > 0;
  return (
    <StepForm
      name={t`Numbers`}
      next={
        goesOn ? (
          t`Go on`
        ) : (
          <Plural value={chosen.length} _0="Connect" one="Connect # number" other="Connect # numbers" />
        )
      }
      disabled={!goesOn && chosen.length === 0}
      busy={connecting.busy}
      onBack={() => go("connect")}
      note={
        <Trans>
          <b className="num">{chosen.length}</b> of {found.numbers.length} chosen
        </Trans>
      }
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <Proof found={found} title={title} onChange={() => go("connect")} />
      <section>
        <div className={css.tableHead}>
          <div>
            <h2 id="wizard" tabIndex={-1} className={css.question}>{t`Which numbers should the team answer?`}</h2>
            <p className={css.lead}>
              <Plural value={found.numbers.length} one="# number on this account." other="# numbers on this account." />{" "}
              {t`Choose any; the rest stay exactly as they are.`}
            </p>
          </div>
          {found.numbers.length >= FILTER_FROM && (
            <label className={css.filter}>
              <Search aria-hidden />
              <input
                type="search"
                placeholder={t`Filter numbers`}
                aria-label={t`Filter numbers`}
                value={filter}
                onChange={(event) => setFilter(event.target.value)}
                onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
              />
            </label>
          )}
        </div>
        {found.numbers.length === 0 ? (
          <Notice
            tone="warn"
            title={t`This account has no numbers`}
          >{t`Get one at ${title} first, then check again.`}</Notice>
        ) : (
          <NumbersTable draft={draft} send={send} numbers={shown} mode={found.webhooks.mode} ours={ours} />
        )}
        {found.more_numbers && (
          <p
            className={css.lead}
          >{t`The account has more numbers than are listed here. Those can be connected through the API.`}</p>
        )}
      </section>
      <Changes found={found} addresses={chosen} title={title} ours={ours} />
    </StepForm>
  );
}

/** The address under which the provider calls this server. */
function useOurAddress(provider: string): string {
  const { client } = useApp();
  const setup = useLoaded(useCallback(async () => (await client.get<Setup>("/setup")).data, [client]));
  const base = (setup.state === "ready" ? setup.value.public_url : null) ?? location.origin;
  return `${base.replace(/\/+$/, "")}/hooks/${provider}`;
}

function matches({ address, name }: VerifiedNumber, filter: string): boolean {
  const text = filter.trim().toLowerCase();
  const digits = text.replace(/[\s()+.-]/g, "");
  return name.toLowerCase().includes(text) || (/^\d+$/.test(digits) && address.includes(digits));
}

function Proof({ found, title, onChange }: { found: Verification; title: string; onChange: () => void }) {
  const { t } = useLingui();
  const { account } = found;
  const active = account.status === "active";
  const states: Record<string, string> = { active: t`active`, suspended: t`suspended`, closed: t`closed` };
  const parts = [account.name, states[account.status] ?? account.status, account.detail].filter(Boolean);
  return (
    <Notice
      tone={active ? "ok" : "warn"}
      title={t`${title} accepted these credentials`}
      actions={
        <span className={css.proofEnd}>
          <code>{masked(account.id)}</code>
          <span>{t`Secrets are kept encrypted once you go on`}</span>
          <Button compact onClick={onChange}>{t`Change`}</Button>
        </span>
      }
    >
      {parts.join(" · ")}
    </Notice>
  );
}

type TableProps = Pick<StepProps, "draft" | "send"> & {
  numbers: readonly VerifiedNumber[];
  mode: Verification["webhooks"]["mode"];
  ours: string;
};

function NumbersTable({ draft, send, numbers, mode, ours }: TableProps) {
  const { t } = useLingui();
  return (
    <div className={settings.table}>
      <table className={css.numbers}>
        <caption className="sr">{t`The account’s numbers`}</caption>
        <thead>
          <tr>
            <th>
              <span className="sr">{t`Connect`}</span>
            </th>
            <th scope="col">{t`Number`}</th>
            <th scope="col">{t`Can`}</th>
            <th scope="col">{t`Its webhook today`}</th>
            <th scope="col" className={css.goesTo}>{t`Goes to`}</th>
          </tr>
        </thead>
        <tbody>
          {numbers.map((number) => (
            <NumberRow key={number.address} draft={draft} send={send} number={number} mode={mode} ours={ours} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NumberRow({ draft, send, number, mode, ours }: Omit<TableProps, "numbers"> & { number: VerifiedNumber }) {
  const { t } = useLingui();
  const me = useMe();
  const teams = useTeams();
  const { address, name, can, caution } = number;
  const connected = draft.outcomes[address]?.state === "connected";
  const use = connected ? "here" : usable(number, draft.kind);
  const plan = draft.plans[address];
  const readable = readableNumber(address);
  const words: Record<string, string> = { sms: t`SMS`, mms: t`MMS`, voice: t`Voice` };
  const own = teams.find(({ id }) => me?.user.team_ids.includes(id)) ?? teams[0];
  return (
    <tr data-off={plan === undefined && !connected ? "" : undefined}>
      <td>
        <Checkbox
          aria-label={readable}
          checked={plan !== undefined || use === "here"}
          disabled={use !== "free"}
          onChange={(chosen) => send({ do: "choose", address, chosen, team: own?.id ?? null })}
        />
      </td>
      <td>
        <b className="num">{readable}</b>
        <span className={settings.small}>{name}</span>
      </td>
      <td className={css.can}>{can.map((one) => words[one] ?? one).join(" · ")}</td>
      <td>
        <Webhook number={number} fate={fateOf(number, mode, ours)} chosen={plan !== undefined && !connected} />
        {caution && (
          <span className={css.caution}>
            <TriangleAlert aria-hidden />
            {caution}
          </span>
        )}
      </td>
      <td>
        {use === "here" && (
          <span className={css.here}>
            <CircleCheck aria-hidden />
            {t`Connected`}
          </span>
        )}
        {use === "unable" && <span className={settings.small}>{t`Cannot text`}</span>}
        {use === "free" && plan !== undefined && (
          <TeamSelect
            label={t`${readable} goes to`}
            teams={teams}
            value={plan.team}
            onChange={(team) => send({ do: "plan", address, change: { team } })}
          />
        )}
      </td>
    </tr>
  );
}

function Webhook({ number, fate, chosen }: { number: VerifiedNumber; fate: Fate; chosen: boolean }) {
  const { t } = useLingui();
  const sentences: Record<Fate, string | null> = {
    set: t`will be set`,
    replaced: t`will be replaced`,
    ours: t`is this server already`,
    kept: t`stays; texts are fetched`,
  };
  const today = number.webhook ? hostOf(number.webhook) : t`Nothing yet`;
  return (
    <>
      <span className={css.webhook} data-none={number.webhook ? undefined : ""} data-tip={number.webhook ?? undefined}>
        {today}
      </span>
      {chosen && (
        <span className={css.fate} data-fate={fate}>
          <ArrowRight aria-hidden />
          {sentences[fate]}
        </span>
      )}
    </>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

/** What changes at the provider, to the letter. */
function Changes({
  found,
  addresses,
  title,
  ours,
}: {
  found: Verification;
  addresses: readonly string[];
  title: string;
  ours: string;
}) {
  const { t } = useLingui();
  const { mode } = found.webhooks;
  const fates = found.numbers
    .filter(({ address }) => addresses.includes(address))
    .map((number) => fateOf(number, mode, ours));
  const replaced = fates.filter((fate) => fate === "replaced").length;
  return (
    <section className={settings.card}>
      <h3>{t`What changes at ${title} when you go on`}</h3>
      <ul className={css.changes}>
        {mode === "polling" && <Line>{t`Nothing. No setting there is touched.`}</Line>}
        {mode === "polling" && (
          <Line>{t`This server has no public https address that ${title} could call, so it asks every few seconds whether a text has come.`}</Line>
        )}
        {mode === "webhooks" && addresses.length === 0 && <Line>{t`Nothing, as long as no number is chosen.`}</Line>}
        {mode === "webhooks" && addresses.length > 0 && (
          <Line>
            <Trans>
              <Plural value={addresses.length} one="# number sends" other="# numbers send" /> messages and receipts to{" "}
              <code>{ours}</code>
            </Trans>
          </Line>
        )}
        {replaced > 0 && (
          <Line>
            <Plural
              value={replaced}
              one="# old webhook is replaced; this server remembers its address"
              other="# old webhooks are replaced; this server remembers their addresses"
            />
          </Line>
        )}
        {mode === "webhooks" && addresses.length > 0 && <Line>{t`Calls go where they went before`}</Line>}
      </ul>
    </section>
  );
}

function Line({ children }: { children: ReactNode }) {
  return (
    <li>
      <ArrowRight aria-hidden />
      <span>{children}</span>
    </li>
  );
}
