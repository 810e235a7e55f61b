import { useLingui } from "@lingui/react/macro";
import type { Id, Label } from "@partyline/kit/api";
import { useApp, useLabels, useMay } from "@partyline/kit/react";
import { Dialog, Kbd, showToast } from "@partyline/kit/ui";
import { Check, Minus, Plus, Tag } from "@partyline/kit/ui/icons";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { LabelDot } from "./LabelDot.tsx";
import css from "./labels.module.css";
import { asTree, matching } from "./names.ts";

type Props = {
  /** The labels that are on. */
  chosen: readonly Id[];
  /** Of many conversations: those that some of them have. */
  some?: readonly Id[];
  onToggle: (label: Id, on: boolean) => void;
  onClose: () => void;
};

/** Puts labels on and takes them off (L); what was typed and is not there can be made by who may. */
export function LabelPicker({ chosen, some = [], onToggle, onClose }: Props) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const mayMake = useMay("labels.manage");
  const labels = useLabels();
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);

  const found = useMemo(() => matching(asTree(labels), typed), [labels, typed]);
  const wanted = typed.trim();
  const isNew = mayMake && wanted !== "" && labels.every(({ name }) => name.toLowerCase() !== wanted.toLowerCase());
  const count = found.length + (isNew ? 1 : 0);
  const active = Math.min(at, count - 1);

  useEffect(() => {
    list.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const toggle = (label: Id) => onToggle(label, !chosen.includes(label));
  const make = async () => {
    try {
      const label = await client.post<Label>("/labels", { name: wanted, colour: "grey" });
      desk.putRow("labels", label);
      setTyped("");
      onToggle(label.id, true);
    } catch (problem) {
      showToast({ id: "label", text: problem instanceof Error ? problem.message : t`The label could not be made.` });
    }
  };
  const run = (index: number) => {
    const label = found[index];
    if (label) toggle(label.id);
    else if (isNew) void make();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count > 0) setAt((active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) onClose();
      else run(active);
    }
  };
  const option = (index: number) => `${listId}-${index}`;
  return (
    <Dialog title={t`Labels`} bare top width={360} onClose={onClose}>
      <div className={css.input}>
        <Tag aria-hidden />
        <input
          type="text"
          role="combobox"
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          aria-expanded={count > 0}
          aria-controls={listId}
          aria-activedescendant={count > 0 ? option(active) : undefined}
          aria-label={t`Find a label`}
          placeholder={mayMake ? t`Find a label, or write a new one` : t`Find a label`}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={keys}
        />
        <Kbd keys="Escape" />
      </div>
      <div
        className={css.results}
        id={listId}
        role="listbox"
        aria-multiselectable
        aria-label={t`Labels`}
        ref={list}
        tabIndex={-1}
      >
        {found.map((label, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the input has the keys
          <div
            key={label.id}
            id={option(index)}
            role="option"
            aria-selected={chosen.includes(label.id)}
            data-active={index === active || undefined}
            className={css.choice}
            onPointerMove={() => index !== active && setAt(index)}
            onClick={() => toggle(label.id)}
          >
            <span className={css.tick}>
              {chosen.includes(label.id) ? (
                <Check aria-hidden />
              ) : (
                some.includes(label.id) && <Minus aria-label={t`on some`} />
              )}
            </span>
            <LabelDot colour={label.colour} />
            <span className="el">{label.name}</span>
          </div>
        ))}
        {isNew && (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the input has the keys
          <div
            id={option(found.length)}
            role="option"
            aria-selected={false}
            data-active={active === found.length || undefined}
            className={css.choice}
            onPointerMove={() => setAt(found.length)}
            onClick={() => void make()}
          >
            <Plus aria-hidden />
            <span className="el">{t`Make “${wanted}”`}</span>
          </div>
        )}
        {count === 0 && (
          <p className={css.none}>{labels.length === 0 ? t`There are no labels yet.` : t`No label is called that.`}</p>
        )}
      </div>
      <div className={css.foot}>
        <span>
          <Kbd keys="Enter" /> {t`on or off`}
        </span>
        <span>
          <Kbd keys="Escape" /> {t`done`}
        </span>
      </div>
      <span className="sr" role="status">
        {count}
      </span>
    </Dialog>
  );
}
