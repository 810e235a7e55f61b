import { lately } from "@partyline/kit/react";
import { Suspense } from "react";
import type { TimeDialogProps } from "./TimeDialog.tsx";

const { Lately } = lately(async () => (await import("./TimeDialog.tsx")).TimeDialog);

/** Asks for any day and time that is still to come. Nothing on the first screen needs it. */
export function ChooseTime(props: TimeDialogProps) {
  return (
    <Suspense fallback={null}>
      <Lately {...props} />
    </Suspense>
  );
}
