import type { MessageDescriptor } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import { useApp } from "@partyline/kit/react";
import { Button, Dialog, DialogGap, Kbd } from "@partyline/kit/ui";
import { useLocation } from "wouter";
import { CATALOGUE } from "../keys/index.ts";
import css from "./command.module.css";

/** Every command that has keys, by group, with the keys that this person has for it. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useLingui();
  const { commands } = useApp();
  const [, navigate] = useLocation();
  const groups = new Map<string, { title: string; keys: readonly string[] }[]>();
  // Some exist only while a conversation is open, and are worth knowing before.
  const all: Record<string, { title: MessageDescriptor; group: MessageDescriptor; keys?: readonly string[] }> = {
    ...CATALOGUE,
    ...Object.fromEntries(commands.list().map((command) => [command.id, command])),
  };
  for (const [id, { group, title, keys: brought }] of Object.entries(all)) {
    const keys = commands.find(id)?.keys ?? commands.keysOf(id, brought ?? []);
    if (keys.length === 0 || /^(selection|composer\.channel)/.test(id)) continue;
    const name = i18n._(group);
    groups.set(name, [...(groups.get(name) ?? []), { title: i18n._(title), keys }]);
  }
  groups.set(t`Writing`, [
    { title: t`Send`, keys: ["Ctrl+Enter"] },
    { title: t`Send and close`, keys: ["Ctrl+Shift+Enter"] },
    { title: t`Send from another number`, keys: ["Alt+1", "Alt+2"] },
    { title: t`Put in a canned response`, keys: ["/"] },
    { title: t`Replace costly characters`, keys: ["Alt+."] },
    { title: t`Leave the text field`, keys: ["Escape"] },
  ]);
  return (
    <Dialog
      title={t`Keyboard shortcuts`}
      width={720}
      onClose={onClose}
      actions={
        <>
          <Button look="quiet" onClick={() => navigate("/settings/keyboard")}>{t`Change the keys`}</Button>
          <DialogGap />
          <Button look="primary" onClick={onClose}>{t`Close`}</Button>
        </>
      }
    >
      {/* It scrolls, so that the arrows have to be able to. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css.helpScroll} role="region" aria-label={t`All keys`} tabIndex={0} data-autofocus>
        <div className={css.help}>
          {[...groups].map(([name, list]) => (
            <section key={name}>
              <h3>{name}</h3>
              <dl>
                {list.map(({ title, keys }) => (
                  <div key={`${title} ${keys.join(" ")}`}>
                    <dt>{title}</dt>
                    <dd>
                      <span className="sr">{keys.join(", ")}</span>
                      {keys.map((each) => (
                        <Kbd key={each} keys={each} />
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
