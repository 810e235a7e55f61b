import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type Channel, type Connection, type Id, type Provider } from "@partyline/kit/api";
import { RequestKey, useApp, useConnections } from "@partyline/kit/react";
import { useRef, useState, type Dispatch } from "react";
import { entered, type Values } from "../channels/credentials.ts";
import { knownAccount, type Action, type Draft } from "./wizard.ts";

export type Connecting = {
  run: (addresses: readonly string[]) => void;
  busy: boolean;
  /** The account is not connected yet, and what was entered went with the page. */
  needsKeys: boolean;
};

/** Connects the account, where it is not yet, and then one number after the other; each tells how it went. */
export function useConnecting(
  draft: Draft,
  send: Dispatch<Action>,
  provider: Provider | undefined,
  keys: Values,
): Connecting {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const account = knownAccount(useConnections(), draft);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const [requests] = useState(() => new Map<string, RequestKey>());
  const needsKeys =
    account === undefined && !(provider?.fields.every((field) => !field.required || keys[field.name]) ?? false);

  const keyFor = (what: string, body: unknown) => {
    const key = requests.get(what) ?? new RequestKey();
    requests.set(what, key);
    return key.for(body);
  };
  const reasonOf = (problem: unknown) => {
    if (!(problem instanceof ApiProblem)) return t`The server does not answer.`;
    return problem.errors.length > 0 ? problem.errors.map(({ detail }) => detail).join(" ") : problem.detail;
  };

  const connectAccount = async (): Promise<Id> => {
    const credentials = entered(provider?.fields ?? [], keys);
    if (account !== undefined) {
      // Its old credentials are no good any more, and these have just been accepted.
      if (account.status === "refused" && !needsKeys && Object.keys(credentials).length > 0) {
        desk.putRow("connections", await client.patch<Connection>(`/connections/${account.id}`, { credentials }));
      }
      return account.id;
    }
    const body = {
      provider: draft.provider,
      name: draft.found?.account.name || provider?.title || draft.provider,
      credentials,
      ...(draft.apiBaseUrl === "" ? {} : { api_base_url: draft.apiBaseUrl }),
    };
    const made = await client.post<Connection>("/connections", body, { idempotencyKey: keyFor("account", body) });
    desk.putRow("connections", made);
    return made.id;
  };

  const connectNumber = async (connection: Id, address: string): Promise<void> => {
    const plan = draft.plans[address];
    const body = {
      kind: draft.kind,
      name: plan?.name ?? address,
      address,
      connection_id: connection,
      ...(plan?.team ? { team_id: plan.team } : {}),
    };
    try {
      const channel = await client.post<Channel>("/channels", body, { idempotencyKey: keyFor(address, body) });
      desk.putRow("channels", channel);
      send({ do: "connected", address, channel: channel.id });
    } catch (problem) {
      send({ do: "failed", addresses: [address], reason: reasonOf(problem) });
    }
  };

  const work = async (addresses: readonly string[]) => {
    send({ do: "connecting", addresses });
    try {
      const connection = await connectAccount();
      send({ do: "account", connection });
      // One after the other: the provider is asked by one account, and each step is seen.
      for (const address of addresses) await connectNumber(connection, address);
    } catch (problem) {
      send({ do: "failed", addresses, reason: reasonOf(problem) });
    }
  };

  return {
    busy,
    needsKeys,
    run: (addresses) => {
      if (running.current || addresses.length === 0) return;
      running.current = true;
      setBusy(true);
      void work(addresses).finally(() => {
        running.current = false;
        setBusy(false);
      });
    },
  };
}
