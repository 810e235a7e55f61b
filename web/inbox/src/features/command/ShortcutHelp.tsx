import { useLingui } from "@lingui/react/macro";
import { useApp } from "@partyline/kit/react";
import { Button, Dialog, DialogGap, Kbd } from "@partyline/kit/ui";
import css from "./command.module.css";

/** Every command that has keys, by group: it comes from the registry, so it can't be out of date. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useLingui();
  const { commands } = useApp();
  const groups = new Map<string, { title: string; keys: readonly string[] }[]>();
  for (const { group, title, keys } of commands.list()) {
    if (!keys) continue;
    const name = i18n._(group);
    groups.set(name, [...(groups.get(name) ?? []), { title: i18n._(title), keys }]);
  }
  // These exist only while a conversation is open, and are worth knowing before.
  const here = t`This conversation`;
  const rows = groups.get(here) ?? [];
  const fixed = [
    { id: "composer.reply", title: t`Reply`, keys: ["R"] },
    { id: "composer.note", title: t`Write a note`, keys: ["M"] },
    { id: "conversation.assign", title: t`Assign…`, keys: ["A"] },
  ];
  groups.set(here, [...rows, ...fixed.filter(({ id }) => !commands.find(id))]);
  groups.set(t`Writing`, [
    { title: t`Send`, keys: ["Ctrl+Enter"] },
    { title: t`Send and close`, keys: ["Ctrl+Shift+Enter"] },
    { title: t`Send later`, keys: ["Alt+Enter"] },
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
          <DialogGap />
          <Button look="primary" onClick={onClose} data-autofocus>{t`Close`}</Button>
        </>
      }
    >
      <div className={css.help}>
        {[...groups].map(([name, list]) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {list.map(({ title, keys }) => (
                <div key={title}>
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
    </Dialog>
  );
}
