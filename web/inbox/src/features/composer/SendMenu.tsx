import { useLingui } from "@lingui/react/macro";
import { IconButton, Menu } from "@partyline/kit/ui";
import { ChevronDown } from "@partyline/kit/ui/icons";
import { useState, type RefObject } from "react";
import { ChooseTime, laterItems, useTimeNames } from "../snooze/index.ts";
import css from "./composer.module.css";
import { LATER_MOST_MS } from "./model.ts";
import type { How } from "./useSend.ts";

type Props = {
  id: string;
  disabled: boolean;
  /** Where the writing goes on. */
  box: RefObject<HTMLElement | null>;
  onSend: (how: How) => void;
};

/** The other ways to send, at the Send button (Alt+Enter): with the conversation closed, or later. */
export function SendMenu({ id, disabled, box, onSend }: Props) {
  const { t } = useLingui();
  /** Since when it is open: what is offered counts from there. */
  const [openedAt, setOpenedAt] = useState<Date | null>(null);
  const [choosing, setChoosing] = useState(false);
  const [unlessTheyWrite, setUnlessTheyWrite] = useState(false);
  const names = useTimeNames();
  const later = (at: Date) => onSend({ later: { at, unlessTheyWrite } });
  return (
    <>
      <Menu
        open={openedAt !== null}
        onOpenChange={(open) => setOpenedAt(open ? new Date() : null)}
        align="end"
        side="top"
        focusAfter={box}
        sections={[
          {
            id: "now",
            items: [
              { id: "send", label: t`Send`, keys: "Ctrl+Enter", onSelect: () => onSend({}) },
              {
                id: "close",
                label: t`Send and close`,
                keys: "Ctrl+Shift+Enter",
                onSelect: () => onSend({ thenClose: true }),
              },
            ],
          },
          {
            id: "later",
            heading: t`Send later`,
            items: [
              ...(openedAt === null ? [] : laterItems(openedAt, names, later)),
              { id: "choose", label: t`Another time…`, onSelect: () => setChoosing(true) },
            ],
          },
          {
            id: "unless",
            items: [
              {
                id: "unless",
                label: t`Take it back if they write first`,
                stays: true,
                checked: unlessTheyWrite,
                onSelect: () => setUnlessTheyWrite(!unlessTheyWrite),
              },
            ],
          },
        ]}
        trigger={
          <IconButton
            id={id}
            look="primary"
            label={t`More ways to send`}
            keys="Alt+Enter"
            disabled={disabled}
            className={css.more}
            aria-keyshortcuts="Alt+Enter"
          >
            <ChevronDown aria-hidden />
          </IconButton>
        }
      />
      {choosing && (
        <ChooseTime
          title={t`Send later`}
          action={t`Send then`}
          most={LATER_MOST_MS}
          onClose={() => setChoosing(false)}
          onChoose={(at) => {
            setChoosing(false);
            later(at);
          }}
        />
      )}
    </>
  );
}
