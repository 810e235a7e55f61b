import { useApp } from "@partyline/kit/react";
import { nextRegion } from "@partyline/kit/shortcuts";
import { useEffect } from "react";
import { known } from "./catalogue.ts";

/** F6 goes from one part of the page to the next, also out of a text field. */
export function useRegionCommands(): void {
  const { commands } = useApp();
  useEffect(
    () =>
      commands.add([
        { ...known("app.nextRegion"), inFields: true, run: () => nextRegion(1) },
        { ...known("app.previousRegion"), inFields: true, run: () => nextRegion(-1) },
      ]),
    [commands],
  );
}
