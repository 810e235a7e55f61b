import { useApp } from "@partyline/kit/react";
import type { Command } from "@partyline/kit/shortcuts";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useCallback, useEffect, type RefObject } from "react";

export type RowKeys = { links: () => HTMLAnchorElement[]; focus: (at: number) => void; step: (by: 1 | -1) => void };

/** Moves the focus over a list's links, by J and K too. `first`: where it begins when it is on none of them. */
export function useRowKeys(
  list: RefObject<HTMLElement | null>,
  titles: { next: MessageDescriptor; previous: MessageDescriptor },
  first: () => number = () => 0,
): RowKeys {
  const { commands } = useApp();
  const links = useCallback(() => [...(list.current?.querySelectorAll("a") ?? [])], [list]);
  const focus = useCallback(
    (at: number) => {
      const rows = links();
      rows[Math.max(0, Math.min(at, rows.length - 1))]?.focus();
    },
    [links],
  );
  const step = (by: 1 | -1) => {
    const now = links().findIndex((row) => row === document.activeElement);
    focus(now < 0 ? first() : now + by);
  };
  useEffect(() => {
    const both = [
      { id: "list.next", title: titles.next, keys: ["J"], run: () => step(1) },
      { id: "list.previous", title: titles.previous, keys: ["K"], run: () => step(-1) },
    ];
    return commands.add(
      both.map((command): Command<MessageDescriptor> => ({ ...command, group: msg`List`, unlisted: true })),
    );
    // oxlint-disable-next-line react/exhaustive-deps -- the titles don't change, and steps only look at the page
  }, [commands, focus]);
  return { links, focus, step };
}
