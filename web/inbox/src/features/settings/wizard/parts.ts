import type { Dispatch } from "react";
import type { Action, Draft, Step } from "./wizard.ts";

/** What every step is given. */
export type StepProps = { draft: Draft; send: Dispatch<Action>; go: (step: Step) => void };
