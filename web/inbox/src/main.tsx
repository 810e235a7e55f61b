import "@partyline/kit/ui/base.css";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { createClient } from "@partyline/kit/api";
import { startI18n } from "@partyline/kit/i18n";
import { AppProvider, type App } from "@partyline/kit/react";
import { Commands, isField, isOverlay } from "@partyline/kit/shortcuts";
import { Desk, Live, Loader } from "@partyline/kit/store";
import { Toasts, Tooltips } from "@partyline/kit/ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Failure } from "./Failure.tsx";
import { Session } from "./Session.tsx";

function makeApp(): App {
  const client = createClient();
  const desk = new Desk();
  const loader = new Loader(client, desk);
  const live = new Live(desk, loader);
  return { client, desk, loader, live, commands: new Commands() };
}

async function start(root: HTMLElement): Promise<void> {
  await startI18n();
  const app = makeApp();
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isOverlay(event.target) || belongsToFocus(event)) return;
    if (app.commands.press(event, isField(event.target), performance.now())) event.preventDefault();
  });
  createRoot(root).render(
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <AppProvider app={app}>
          <Failure>
            <Session />
            <Toasts />
            <Tooltips />
          </Failure>
        </AppProvider>
      </I18nProvider>
    </StrictMode>,
  );
}

/** Arrows and Enter alone are the business of whatever has the focus; without any they are shortcuts like others. */
function belongsToFocus(event: KeyboardEvent): boolean {
  const alone = !event.ctrlKey && !event.metaKey && !event.altKey;
  return alone && (event.key === "Enter" || event.key.startsWith("Arrow")) && event.target !== document.body;
}

const root = document.getElementById("root");
if (root) void start(root);
