import type { Page, Provider } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { useCallback } from "react";
import { useLoaded, type Loaded } from "./useLoaded.ts";

/** The providers that this server can talk to, with their forms. */
export function useProviders(): Loaded<Provider[]> {
  const { client } = useApp();
  return useLoaded(useCallback(async () => (await client.get<Page<Provider>>("/providers")).data.data, [client]));
}
