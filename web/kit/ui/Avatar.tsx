import { createContext, useContext } from "react";
import { classes } from "./classes.ts";
import css from "./controls.module.css";

const HUES = 6;

/** Where the pictures of people are, by whose id they are asked for. */
export const Pictures = createContext<ReadonlyMap<string, string>>(new Map());

/** Up to two initials: "Ana Ruiz" → "AR"; of an address, "#". */
export function initials(name: string): string {
  const words = name.split(/[\s\-_.@]+/u).filter((word) => /^\p{L}/u.test(word));
  const picked = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return picked.map((word) => [...(word ?? "#")][0]?.toUpperCase()).join("");
}

function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return (sum % HUES) + 1;
}

export type AvatarProps = {
  /** Decides the colour, so that a colleague keeps it. */
  id: string;
  name: string;
  size?: 20 | 24 | 40 | 64;
  /** Contacts are square and grey; round means a colleague. */
  contact?: boolean;
  typing?: boolean;
  here?: boolean;
  className?: string;
};

export function Avatar({ id, name, size = 20, contact, typing, here, className }: AvatarProps) {
  const picture = useContext(Pictures).get(id);
  return (
    <span
      className={classes(css.avatar, className)}
      role="img"
      aria-label={name}
      data-tip={name}
      data-size={size}
      data-hue={contact ? undefined : hueOf(id)}
      data-contact={contact || undefined}
      data-typing={typing || undefined}
      data-here={here || undefined}
      // Drawn by the style sheet: as text it would be a part of every name around it.
      data-initials={initials(name)}
    >
      {/* Over the initials, which stay where it can't be loaded. */}
      {picture !== undefined && <img src={picture} alt="" draggable={false} />}
    </span>
  );
}
