import { createContext, useContext, type ReactNode } from "react";
import type { MessageDescriptor } from "@lingui/core";
import type { Client } from "../api/client.ts";
import type { Commands } from "../shortcuts/registry.ts";
import type { Desk } from "../store/desk.ts";
import type { Live } from "../store/live.ts";
import type { Loader } from "../store/loader.ts";

/** What lives as long as the page. */
export type App = { client: Client; desk: Desk; loader: Loader; live: Live; commands: Commands<MessageDescriptor> };

const AppContext = createContext<App | null>(null);

export function AppProvider({ app, children }: { app: App; children: ReactNode }) {
  return <AppContext value={app}>{children}</AppContext>;
}

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp outside AppProvider");
  return app;
}
