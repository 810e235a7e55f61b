import { useLingui } from "@lingui/react/macro";
import { ApiProblem, type KeyPreset, type Keys, type Me } from "@partyline/kit/api";
import { useApp, useMe } from "@partyline/kit/react";
import { forgetSingleKeys, refused, wantsSingleKeys } from "@partyline/kit/shortcuts";
import { Button, ChoiceCards, IconButton, Kbd, Notice, showToast } from "@partyline/kit/ui";
import { Keyboard, Pencil, RotateCw, X } from "@partyline/kit/ui/icons";
import { Fragment, useEffect, useRef, useState } from "react";
import { CATALOGUE, type KnownCommand } from "../../keys/index.ts";
import { PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";
import { COMMANDS, fixedOf, given, holders, keysOf, reset, taken } from "./changes.ts";
import own from "./keyboard.module.css";
import { record, SECOND_PRESS_MS } from "./recorder.ts";

/** What was pressed for a command, and who has it already. */
type Asked = { id: KnownCommand; keys: string; of: KnownCommand[] };

/** With which keys I do what. It follows me into every browser. */
export function KeyboardPage() {
  const { t } = useLingui();
  const me = useMe();
  if (me === null) return null;
  return (
    <>
      <PageHead title={t`Your keyboard`} lead={t`It is kept with your account, and the same in every browser.`} />
      <div className={css.body}>
        <Presets me={me} />
        <hr className={css.rule} />
        <CommandList me={me} />
      </div>
    </>
  );
}

/** As the page shows them: what was switched off in this browser counts, until something else is chosen. */
function keysIn(me: Me): Keys {
  const { keys } = me.settings;
  const untouched = keys.preset === "default" && Object.keys(keys.own).length === 0;
  return untouched && !wantsSingleKeys() ? { preset: "modifiers", own: {} } : keys;
}

function useSave(): (keys: Keys) => Promise<void> {
  const { t } = useLingui();
  const { client, desk } = useApp();
  return async (keys) => {
    // shown at once: somebody who changes several does not wait between them
    forgetSingleKeys();
    const takeBack = desk.changeSettings({ keys });
    try {
      await client.patch<Me>("/me", { keys });
    } catch (problem) {
      takeBack();
      const text = problem instanceof ApiProblem ? problem.detail : t`Not changed: the server can’t be reached.`;
      showToast({ id: "keyboard", text });
    }
  };
}

function Presets({ me }: { me: Me }) {
  const { t } = useLingui();
  const save = useSave();
  const keys = keysIn(me);
  const icon = <Keyboard aria-hidden />;
  return (
    <section className={own.keyboard}>
      <ChoiceCards<KeyPreset>
        legend={t`Begin with`}
        name="preset"
        value={keys.preset}
        onChange={(preset) => void save({ ...keys, preset })}
        choices={[
          { value: "default", label: t`Partyline’s keys`, hint: t`Single letters: J, K, E, R`, icon },
          { value: "gmail", label: t`As in Gmail`, hint: t`B snoozes, U goes back, A answers`, icon },
          {
            value: "modifiers",
            label: t`Only with Ctrl or Alt`,
            hint: t`For dictation, or a cat on the desk`,
            icon,
          },
          { value: "off", label: t`No shortcuts`, hint: t`Only the arrows, Enter, Escape and F6`, icon },
        ]}
      />
    </section>
  );
}

function CommandList({ me }: { me: Me }) {
  const { t, i18n } = useLingui();
  const save = useSave();
  const keys = keysIn(me);
  const [recording, setRecording] = useState<KnownCommand | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [said, setSaid] = useState("");
  const title = (id: KnownCommand) => i18n._(CATALOGUE[id].title);
  const groups = new Map<string, KnownCommand[]>();
  for (const id of COMMANDS) {
    const group = i18n._(CATALOGUE[id].group);
    groups.set(group, [...(groups.get(group) ?? []), id]);
  }
  const changed = Object.keys(keys.own).length > 0;

  const stop = (id: KnownCommand) => {
    setRecording(null);
    // the button is there again after the next paint
    requestAnimationFrame(() => document.getElementById(`change-${id}`)?.focus());
  };
  const take = (id: KnownCommand, wanted: string) => {
    const of = holders(keys, id, wanted);
    const why = refused(wanted);
    if (why === null && of.length > 0) {
      setRecording(null);
      return setAsked({ id, keys: wanted, of });
    }
    stop(id);
    if (why === "browser") return setSaid(t`${wanted} belongs to the browser. Choose others.`);
    if (why === "writing") return setSaid(t`${wanted} has its meaning while you write. Choose others.`);
    setSaid(t`${title(id)}: ${wanted}`);
    void save(given(keys, id, wanted));
  };
  return (
    <section className={own.keyboard}>
      <div className={own.head}>
        <h2>{t`Keys`}</h2>
        {changed && (
          <Button compact onClick={() => void save({ ...keys, own: {} })}>
            {t`Take back all changes`}
          </Button>
        )}
      </div>
      <p
        className={css.small}
      >{t`Fixed are the keys of text fields, menus and lists, Ctrl+Enter to send, and Escape.`}</p>
      <span role="status" className={own.said}>
        {said}
      </span>
      {[...groups].map(([group, ids]) => (
        <div key={group} className={css.table}>
          <table className={own.table}>
            <caption>{group}</caption>
            <colgroup>
              <col />
              <col />
              <col />
            </colgroup>
            <thead className="sr">
              <tr>
                <th scope="col">{t`Command`}</th>
                <th scope="col">{t`Keys`}</th>
                <th scope="col">{t`Change`}</th>
              </tr>
            </thead>
            <tbody>
              {ids.map((id) => (
                <Fragment key={id}>
                  <tr>
                    <th scope="row">{title(id)}</th>
                    <td>
                      {recording === id ? (
                        <Recorder name={title(id)} onKeys={(wanted) => take(id, wanted)} onStop={() => stop(id)} />
                      ) : (
                        <ShownKeys keys={keysOf(keys, id)} fixed={fixedOf(id)} />
                      )}
                    </td>
                    <td>
                      <span className={own.tools}>
                        {id in keys.own && (
                          <IconButton
                            label={t`Take back the change of ${title(id)}`}
                            compact
                            onClick={() => void save(reset(keys, id))}
                          >
                            <RotateCw aria-hidden />
                          </IconButton>
                        )}
                        {keysOf(keys, id).length > 0 && (
                          <IconButton
                            label={t`No keys for ${title(id)}`}
                            compact
                            onClick={() => void save(taken(keys, id))}
                          >
                            <X aria-hidden />
                          </IconButton>
                        )}
                        <IconButton
                          id={`change-${id}`}
                          label={t`Change the keys of ${title(id)}`}
                          compact
                          onClick={() => {
                            setAsked(null);
                            setSaid("");
                            setRecording(id);
                          }}
                        >
                          <Pencil aria-hidden />
                        </IconButton>
                      </span>
                    </td>
                  </tr>
                  {asked?.id === id && (
                    <tr className={own.conflict}>
                      <td colSpan={3}>
                        <Conflict
                          keys={asked.keys}
                          of={asked.of.map(title)}
                          onTake={() => {
                            setAsked(null);
                            setSaid(t`${title(id)}: ${asked.keys}`);
                            void save(given(keys, id, asked.keys));
                            stop(id);
                          }}
                          onLeave={() => (setAsked(null), stop(id))}
                        />
                      </td>
                    </tr>
                  )}
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
      ))}
    </section>
  );
}

type ConflictProps = { keys: string; of: readonly string[]; onTake: () => void; onLeave: () => void };

/** The keys do something else already: they are taken from there, or stay. */
function Conflict({ keys, of, onTake, onLeave }: ConflictProps) {
  const { t } = useLingui();
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <Notice
      tone="warn"
      alert
      title={t`${keys} is taken`}
      actions={
        <>
          <Button ref={first} compact onClick={onLeave}>{t`Leave it`}</Button>
          <Button compact onClick={onTake}>{t`Take it from there`}</Button>
        </>
      }
    >
      {t`It does: ${of.join(", ")}.`}
    </Notice>
  );
}

/** `fixed` can't be changed. */
function ShownKeys({ keys, fixed }: { keys: readonly string[]; fixed: readonly string[] }) {
  const { t } = useLingui();
  if (keys.length + fixed.length === 0) return <span className={own.none}>{t`none`}</span>;
  return (
    <span className={own.keys}>
      <span className="sr">{[...keys, ...fixed].join(", ")}</span>
      {keys.map((each) => (
        <Kbd key={each} keys={each} />
      ))}
      {fixed.map((each) => (
        <span key={each} className={own.fixed}>
          <Kbd keys={each} /> {t`always`}
        </span>
      ))}
    </span>
  );
}

/** Waits for what is pressed. Escape, and going elsewhere, leave everything as it was. */
function Recorder({ name, onKeys, onStop }: { name: string; onKeys: (keys: string) => void; onStop: () => void }) {
  const { t } = useLingui();
  const box = useRef<HTMLButtonElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [first, setFirst] = useState<string | null>(null);
  useEffect(() => {
    box.current?.focus();
    return () => clearTimeout(timer.current);
  }, []);
  return (
    <button
      ref={box}
      type="button"
      // the keys are not the page's while they are being chosen
      data-overlay=""
      className={own.recorder}
      aria-label={t`Press the new keys for ${name}`}
      onBlur={onStop}
      onKeyDown={(event) => {
        if (event.key === "Tab") return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Escape") return onStop();
        const recorded = record(first, event.nativeEvent);
        if (recorded === null) return;
        clearTimeout(timer.current);
        if (recorded.whole) return onKeys(recorded.keys);
        setFirst(recorded.keys);
        timer.current = setTimeout(() => onKeys(recorded.keys), SECOND_PRESS_MS);
      }}
    >
      {first === null ? t`Press the new keys…` : <Kbd keys={first} />}
    </button>
  );
}
