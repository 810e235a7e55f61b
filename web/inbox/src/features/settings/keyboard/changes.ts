import type { Keys } from "@partyline/kit/api";
import { collide, keysUnder } from "@partyline/kit/shortcuts";
import { CATALOGUE, type KnownCommand } from "../../keys/index.ts";

export const COMMANDS = Object.keys(CATALOGUE) as KnownCommand[];

/** The keys of a command as somebody wants them. */
export function keysOf(keys: Keys, id: KnownCommand): readonly string[] {
  return keysUnder(keys, id, CATALOGUE[id].keys);
}

/** Keys that it has whatever is chosen. */
export function fixedOf(id: KnownCommand): readonly string[] {
  const command = CATALOGUE[id];
  return "fixed" in command ? command.fixed : [];
}

/** Commands that have these keys already, or such as they would be the beginning or the end of. */
export function holders(keys: Keys, id: KnownCommand, wanted: string): KnownCommand[] {
  return COMMANDS.filter((other) => other !== id && keysOf(keys, other).some((each) => collide(each, wanted)));
}

/** The command has these keys beside those of the others; whoever had them has them no more. */
export function given(keys: Keys, id: KnownCommand, wanted: string): Keys {
  const own = { ...keys.own, [id]: [wanted] };
  for (const other of holders(keys, id, wanted))
    own[other] = keysOf(keys, other).filter((each) => !collide(each, wanted));
  return { ...keys, own };
}

/** The command has no keys. */
export function taken(keys: Keys, id: KnownCommand): Keys {
  return { ...keys, own: { ...keys.own, [id]: [] } };
}

/** The command has the keys of the preset again. */
export function reset(keys: Keys, id: KnownCommand): Keys {
  return { ...keys, own: Object.fromEntries(Object.entries(keys.own).filter(([name]) => name !== id)) };
}
