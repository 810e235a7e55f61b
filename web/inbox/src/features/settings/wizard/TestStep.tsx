import { Trans, useLingui } from "@lingui/react/macro";
import type { Channel, Conversation, Setup } from "@partyline/kit/api";
import { clockTime, readableNumber } from "@partyline/kit/i18n";
import { useApp, useChannels, useTopic } from "@partyline/kit/react";
import { listKey } from "@partyline/kit/store";
import { ChoiceCards, Dots } from "@partyline/kit/ui";
import { CircleCheck, Smartphone } from "@partyline/kit/ui/icons";
import { useCallback, useEffect, useState } from "react";
import { Link } from "wouter";
import { placePath } from "../../place/index.ts";
import { Imports } from "../channels/Imports.tsx";
import { useLoaded } from "../useLoaded.ts";
import { provesArrival } from "./arrival.ts";
import type { StepProps } from "./parts.ts";
import { StepForm } from "./StepForm.tsx";
import css from "./wizard.module.css";

/** Everybody's open conversations: a first text is among them the moment it is here. */
const EVERYTHING = { view: "all", team: null, sort: "newest" } as const;

/** Waits for the first text, and shows it come in. */
export function TestStep({ draft, go, title, onEnd }: Omit<StepProps, "send"> & { title: string; onEnd: () => void }) {
  const { t } = useLingui();
  const all = useChannels();
  const channels = Object.values(draft.outcomes).flatMap((outcome) =>
    outcome.state === "connected" ? (all.find(({ id }) => id === outcome.channel) ?? []) : [],
  );
  const [chosen, choose] = useState<string | null>(channels[0]?.id ?? null);
  const channel = channels.find(({ id }) => id === chosen) ?? channels[0];
  const first = useFirstText(channel);
  return (
    <StepForm
      name={t`Test`}
      next={first ? t`Done` : t`Finish without a test`}
      onBack={() => go("route")}
      onSubmit={(event) => {
        event.preventDefault();
        onEnd();
      }}
      below={
        channel && (
          <div className={css.narrow}>
            <Imports key={channel.id} channel={channel} title={title} may />
          </div>
        )
      }
    >
      <h2 id="wizard" tabIndex={-1} className={css.question}>{t`Text it from your own phone`}</h2>
      {channels.length > 1 && (
        <div className={css.choices}>
          <ChoiceCards
            legend={t`Which number?`}
            name="channel"
            value={channel?.id ?? null}
            onChange={choose}
            choices={channels.map(({ id, name, address }) => ({
              value: id,
              label: readableNumber(address),
              hint: name,
            }))}
          />
        </div>
      )}
      {channel && <Trial channel={channel} first={first} />}
    </StepForm>
  );
}

/** The conversation whose text came in through the channel since it was connected. */
function useFirstText(channel: Channel | undefined): Conversation | undefined {
  const { loader } = useApp();
  useEffect(() => void loader.list(EVERYTHING, "first"), [loader]);
  const [before, keep] = useState<Conversation | undefined>(undefined);
  const found = useTopic(`list:${listKey(EVERYTHING)}`, (desk) => {
    if (channel === undefined) return undefined;
    const conversations = desk.list(EVERYTHING)?.ids.map((id) => desk.conversation(id)) ?? [];
    return conversations.find((one) => one !== undefined && provesArrival(one, channel));
  });
  // It stays proven when a colleague answers.
  if (found !== undefined && found !== before) keep(found);
  return (
    found ??
    (before !== undefined && channel !== undefined && before.channel_ids.includes(channel.id) ? before : undefined)
  );
}

function Trial({ channel, first }: { channel: Channel; first: Conversation | undefined }) {
  const { t } = useLingui();
  const { client } = useApp();
  const setup = useLoaded(useCallback(async () => (await client.get<Setup>("/setup")).data, [client]));
  const phones = setup.state === "ready" ? setup.value.demo_phones : null;
  const number = readableNumber(channel.address);
  return (
    <section className={css.trial} data-state={first ? "arrived" : "waiting"} aria-live="polite">
      <p className={css.dial}>
        <Smartphone aria-hidden />
        <a href={`sms:${channel.address}`} className="num">
          {number}
        </a>
      </p>
      {first ? (
        <>
          <div className={css.arrived}>
            <span className={css.from}>
              {readableNumber(first.contact.address)} · {clockTime(new Date(first.last_activity_at))}
            </span>
            <p className={css.bubble}>{first.preview}</p>
          </div>
          <p className={css.verdict}>
            <CircleCheck aria-hidden />
            <b>{t`It arrived. ${channel.name} works.`}</b>
          </p>
          <Link href={placePath({ team: null, view: "all", conversation: first.id })}>{t`Open the conversation`}</Link>
        </>
      ) : (
        <>
          <p className={css.waiting}>
            <Dots />
            {t`Waiting for the first text…`}
          </p>
          <p className={css.hint}>
            {channel.mode === "polling"
              ? t`It is fetched every few seconds, so give it a moment.`
              : t`It shows up here the moment it comes in.`}
          </p>
          {phones && (
            <p>
              <Trans>
                In this demo, text it from{" "}
                <a href={phones} target="_blank" rel="noreferrer">
                  the pretend phones
                </a>
                .
              </Trans>
            </p>
          )}
        </>
      )}
    </section>
  );
}
