import { msg } from "@lingui/core/macro";
import { useApp } from "@partyline/kit/react";
import { lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useRegionCommands } from "../keys/useRegionCommands.ts";
import { CannedListPage } from "./canned/CannedListPage.tsx";
import { CannedPage } from "./canned/CannedPage.tsx";
import { ChannelsPage } from "./channels/ChannelsPage.tsx";
import { GeneralPage } from "./general/GeneralPage.tsx";
import { HeldDetail } from "./held/HeldDetail.tsx";
import { HeldPage } from "./held/HeldPage.tsx";
import { HELD_STATES, heldState } from "./held/states.ts";
import { KeyboardPage } from "./keyboard/KeyboardPage.tsx";
import { LabelPage } from "./labels/LabelPage.tsx";
import { LabelsPage } from "./labels/LabelsPage.tsx";
import { NotificationsPage } from "./notifications/NotificationsPage.tsx";
import { Waiting } from "./PageParts.tsx";
import { InvitePage } from "./people/InvitePage.tsx";
import { PeoplePage } from "./people/PeoplePage.tsx";
import { PersonPage } from "./people/PersonPage.tsx";
import { ProfilePage } from "./profile/ProfilePage.tsx";
import css from "./settings.module.css";
import { SettingsNav } from "./SettingsNav.tsx";
import { TeamPage } from "./teams/TeamPage.tsx";
import { TeamsPage } from "./teams/TeamsPage.tsx";

const WizardPage = lazy(async () => ({ default: (await import("./wizard/WizardPage.tsx")).WizardPage }));

/** Everything under /settings. On a phone /settings is the list of pages; elsewhere it is the first of them. */
export function SettingsPage() {
  const [location, navigate] = useLocation();
  const { commands } = useApp();
  useEffect(
    () =>
      commands.add([
        {
          id: "settings.leave",
          title: msg`Back to the inbox`,
          group: msg`Settings`,
          keys: ["Escape"],
          run: () => navigate("/"),
        },
      ]),
    [commands, navigate],
  );
  useRegionCommands();
  const menu = location.replace(/\/$/, "") === "/settings";
  // A phone shows only the menu there, so the menu has to be inside the main part.
  const Whole = menu ? "main" : "div";
  const Part = menu ? "div" : "main";
  return (
    <Whole className={css.shell} data-at={menu ? "menu" : "page"}>
      <SettingsNav />
      <Part className={css.page} data-region="">
        <Suspense fallback={<Waiting />}>
          <Switch>
            <Route path="/settings" component={GeneralPage} />
            <Route path="/settings/general" component={GeneralPage} />
            <Route path="/settings/people" component={PeoplePage} />
            <Route path="/settings/profile" component={ProfilePage} />
            <Route path="/settings/keyboard" component={KeyboardPage} />
            <Route path="/settings/people/invite" component={InvitePage} />
            <Route path="/settings/people/:id">{({ id }) => <PersonPage key={id} id={id} />}</Route>
            <Route path="/settings/teams" component={TeamsPage} />
            <Route path="/settings/teams/:id">{({ id }) => <TeamPage key={id} id={id} />}</Route>
            <Route path="/settings/notifications" component={NotificationsPage} />
            <Route path="/settings/labels" component={LabelsPage} />
            <Route path="/settings/labels/:id">{({ id }) => <LabelPage key={id} id={id} />}</Route>
            <Route path="/settings/canned" component={CannedListPage} />
            <Route path="/settings/canned/:id">{({ id }) => <CannedPage key={id} id={id} />}</Route>
            <Route path="/settings/channels/new/:step?">{({ step }) => <WizardPage step={step ?? null} />}</Route>
            <Route path="/settings/channels/:id?">
              {({ id }) => <ChannelsPage channel={id ?? null} connection={null} />}
            </Route>
            <Route path="/settings/connections/:id">
              {({ id }) => <ChannelsPage channel={null} connection={id} />}
            </Route>
            <Route path="/settings/held/:id?">
              {({ id }) =>
                id === undefined || (HELD_STATES as readonly string[]).includes(id) ? (
                  <HeldPage key={id} state={heldState(id)} />
                ) : (
                  <HeldDetail key={id} id={id} />
                )
              }
            </Route>
            <Route>
              <Redirect to="/settings" replace />
            </Route>
          </Switch>
        </Suspense>
      </Part>
    </Whole>
  );
}
