import type { Channel, ChannelKind, Connection, Id, Verification, VerifiedNumber } from "@partyline/kit/api";

/** The steps, in order; each is the end of the page's address. */
export const STEPS = ["kind", "provider", "connect", "numbers", "route", "test"] as const;
export type Step = (typeof STEPS)[number];

/** A number that was chosen: what the team calls it, and where its conversations begin. */
export type Plan = { name: string; team: Id | null };
/** What became of connecting a number. A `reason` of null: the page went away meanwhile. */
export type Outcome =
  | { state: "connecting" }
  | { state: "connected"; channel: Id }
  | { state: "failed"; reason: string | null };

/** All that the wizard knows, except secrets, which stay in the page's memory. */
export type Draft = {
  kind: ChannelKind | null;
  provider: string | null;
  /** What was entered that is not secret. */
  fields: Readonly<Record<string, string>>;
  apiBaseUrl: string;
  found: Verification | null;
  plans: Readonly<Record<string, Plan>>;
  connection: Id | null;
  outcomes: Readonly<Record<string, Outcome>>;
};

export const FRESH: Draft = {
  kind: null,
  provider: null,
  fields: {},
  apiBaseUrl: "",
  found: null,
  plans: {},
  connection: null,
  outcomes: {},
};

export type Action =
  | { do: "kind"; kind: ChannelKind }
  | { do: "provider"; provider: string }
  | {
      do: "verified";
      found: Verification;
      fields: Readonly<Record<string, string>>;
      apiBaseUrl: string;
      team: Id | null;
    }
  | { do: "choose"; address: string; chosen: boolean; team: Id | null }
  | { do: "plan"; address: string; change: Partial<Plan> }
  | { do: "account"; connection: Id }
  | { do: "connecting"; addresses: readonly string[] }
  | { do: "connected"; address: string; channel: Id }
  | { do: "failed"; addresses: readonly string[]; reason: string | null }
  | { do: "settle"; channels: readonly Channel[] };

export function advance(draft: Draft, action: Action): Draft {
  switch (action.do) {
    case "kind":
      return action.kind === draft.kind ? draft : { ...FRESH, kind: action.kind };
    case "provider":
      return action.provider === draft.provider ? draft : { ...FRESH, kind: draft.kind, provider: action.provider };
    case "verified":
      return verified(draft, action);
    case "choose": {
      const { [action.address]: before, ...others } = draft.plans;
      if (!action.chosen) return { ...draft, plans: others };
      const number = draft.found?.numbers.find(({ address }) => address === action.address);
      return {
        ...draft,
        plans: { ...others, [action.address]: before ?? { name: number?.name || action.address, team: action.team } },
      };
    }
    case "plan": {
      const before = draft.plans[action.address];
      return before === undefined
        ? draft
        : { ...draft, plans: { ...draft.plans, [action.address]: { ...before, ...action.change } } };
    }
    case "account":
      return { ...draft, connection: action.connection };
    case "connecting":
      return { ...draft, outcomes: { ...draft.outcomes, ...every(action.addresses, { state: "connecting" }) } };
    case "connected":
      return {
        ...draft,
        outcomes: { ...draft.outcomes, [action.address]: { state: "connected", channel: action.channel } },
      };
    case "failed":
      return {
        ...draft,
        outcomes: { ...draft.outcomes, ...every(action.addresses, { state: "failed", reason: action.reason }) },
      };
    case "settle":
      return settled(draft, action.channels);
  }
}

function every(addresses: readonly string[], outcome: Outcome): Record<string, Outcome> {
  return Object.fromEntries(addresses.map((address) => [address, outcome]));
}

function verified(draft: Draft, { found, fields, apiBaseUrl, team }: Extract<Action, { do: "verified" }>): Draft {
  const same = draft.found?.account.id === found.account.id;
  const free = found.numbers.filter((number) => usable(number, draft.kind) === "free");
  const plans = Object.fromEntries(
    Object.entries(same ? draft.plans : {}).filter(([address]) => free.some((number) => number.address === address)),
  );
  const [only] = free;
  // With one number there is nothing to choose.
  if (only && free.length === 1) plans[only.address] ??= { name: only.name || only.address, team };
  return {
    ...draft,
    found,
    fields,
    apiBaseUrl,
    plans,
    connection: same ? draft.connection : null,
    outcomes: same ? draft.outcomes : {},
  };
}

/** A number that another try, or another tab, has connected meanwhile is connected; what nobody works on any more has failed. */
function settled(draft: Draft, channels: readonly Channel[]): Draft {
  const outcomes = Object.entries(draft.outcomes).map(([address, outcome]): [string, Outcome] => {
    if (outcome.state === "connected") return [address, outcome];
    const channel = channels.find((one) => one.address === address && one.connection_id === draft.connection);
    if (channel) return [address, { state: "connected", channel: channel.id }];
    return [address, outcome.state === "connecting" ? { state: "failed", reason: null } : outcome];
  });
  return { ...draft, outcomes: Object.fromEntries(outcomes) };
}

/** Whether a number can be chosen: not when it is here already, and not when it can't carry the kind. */
export function usable(number: VerifiedNumber, kind: ChannelKind | null): "free" | "here" | "unable" {
  if (number.channel_id !== null) return "here";
  return kind === null || number.can.includes(kind) ? "free" : "unable";
}

/** The last step that can be shown with what is known. */
export function furthest(draft: Draft): Step {
  if (draft.kind === null) return "kind";
  if (draft.provider === null) return "provider";
  if (draft.found === null) return "connect";
  const outcomes = Object.values(draft.outcomes);
  if (outcomes.length === 0) return "numbers";
  return outcomes.some(({ state }) => state === "connected") ? "test" : "route";
}

export function reachable(draft: Draft, step: Step): boolean {
  return STEPS.indexOf(step) <= STEPS.indexOf(furthest(draft));
}

/** What going on does to a number's webhook at the provider. */
export type Fate = "set" | "replaced" | "ours" | "kept";

/** `ours`: the address under which the provider calls this server. */
export function fateOf(number: VerifiedNumber, mode: Verification["webhooks"]["mode"], ours: string): Fate {
  if (mode === "polling") return "kept";
  if (number.webhook === null || number.webhook === "") return "set";
  return number.webhook.startsWith(ours) ? "ours" : "replaced";
}

/** The account's connection, where it is connected already at the same API. */
export function knownAccount(connections: readonly Connection[], draft: Draft): Connection | undefined {
  return connections.find(
    ({ id, provider, account_id, api_base_url }) =>
      id === draft.connection ||
      (provider === draft.provider &&
        account_id !== null &&
        account_id === draft.found?.account.id &&
        bare(api_base_url) === bare(draft.apiBaseUrl)),
  );
}

/** An address without the slashes at its end. */
function bare(address: string | null): string {
  return (address ?? "").replace(/\/+$/, "");
}

/** Where the wizard ends. */
export const CHANNELS = "/settings/channels";

/** The address of a step. */
export function stepPath(step: Step): string {
  return `${CHANNELS}/new/${step}`;
}

// --- kept while the tab lives ------------------------------------------------------------------------------------------

/** Raised when the shape of a draft changes; older ones are forgotten. */
const SHAPE = 1;

export function written(draft: Draft): string {
  return JSON.stringify({ shape: SHAPE, draft });
}

/** Whether nothing is left to do but the test. */
export function complete(draft: Draft): boolean {
  const outcomes = Object.values(draft.outcomes);
  return outcomes.length > 0 && outcomes.every(({ state }) => state === "connected");
}

/** The numbers that were chosen and are not connected yet. */
export function toConnect(draft: Draft): string[] {
  return Object.keys(draft.plans).filter((address) => draft.outcomes[address]?.state !== "connected");
}

/** A draft that `written` wrote; anything else begins anew. */
export function restored(text: string | null): Draft {
  try {
    const kept: unknown = text === null ? null : JSON.parse(text);
    if (typeof kept !== "object" || kept === null || !("shape" in kept) || kept.shape !== SHAPE || !("draft" in kept))
      return FRESH;
    return { ...FRESH, ...(kept.draft as Draft) };
  } catch {
    return FRESH;
  }
}
