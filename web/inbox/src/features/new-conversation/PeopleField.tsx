import { Plural, useLingui } from "@lingui/react/macro";
import type { FoundContact } from "@partyline/kit/api";
import { readableNumber } from "@partyline/kit/i18n";
import { useApp } from "@partyline/kit/react";
import { Avatar, IconButton, TextField } from "@partyline/kit/ui";
import { Check, CircleAlert, X } from "@partyline/kit/ui/icons";
import { useEffect, useId, useState, type KeyboardEvent } from "react";
import css from "./new.module.css";
import { MOST_PEOPLE, outcomeText, type Outcome, type Recipient } from "./recipients.ts";

/** Contacts that are offered. */
const MOST_FOUND = 6;
/** After a key the server is asked this much later, in ms. */
const ASK_AFTER_MS = 150;

type Props = {
  people: readonly Recipient[];
  outcomes: ReadonlyMap<string, Outcome>;
  typed: string;
  fault: string | undefined;
  autoFocus: boolean;
  onType: (typed: string) => void;
  /** Takes what is typed, as a number; answers whether it is one. */
  onTake: () => boolean;
  onAdd: (person: Recipient) => void;
  onRemove: (person: Recipient) => void;
};

/** To whom: numbers as they are typed, and contacts by name. */
export function PeopleField(props: Props) {
  const { people, outcomes, typed, fault, autoFocus, onType, onTake, onAdd, onRemove } = props;
  const { t } = useLingui();
  const listId = useId();
  const [open, setOpen] = useState(false);
  /** Which of the offered the keys are at; -1 for what is typed. */
  const [at, setAt] = useState(-1);
  const found = useContacts(open ? typed : "").filter(({ number }) =>
    people.every((person) => person.number !== number),
  );
  const offers = open && found.length > 0;
  const add = (person: Recipient) => {
    setAt(-1);
    onAdd(person);
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    const { key } = event;
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = offers ? found[at] : undefined;
    if (offers && (key === "ArrowDown" || key === "ArrowUp")) {
      const step = key === "ArrowDown" ? 1 : -1;
      // through what is typed, from one end to the other
      setAt(((at + 1 + step + found.length + 1) % (found.length + 1)) - 1);
    } else if (key === "Enter" || key === "," || key === ";") {
      if (chosen && key === "Enter") add(chosen);
      else if (typed.trim() !== "") onTake();
    } else if (key === "Escape" && offers) {
      event.stopPropagation();
      setOpen(false);
    } else if (key === "Backspace" && typed === "") {
      const last = people.findLast(({ number }) => outcomes.get(number)?.state !== "sent");
      if (last) onRemove(last);
      return;
    } else return;
    event.preventDefault();
  };
  const hint =
    people.length >= MOST_PEOPLE
      ? t`At most ${MOST_PEOPLE} people at once.`
      : people.length > 0
        ? t`Each gets a message of their own, and sees nobody else.`
        : t`A number, or a name. Enter adds another.`;
  return (
    <div className={css.people}>
      <TextField
        label={t`To`}
        hint={hint}
        fault={fault}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={offers}
        aria-controls={offers ? listId : undefined}
        aria-activedescendant={offers && at >= 0 ? `${listId}-${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder="+1 415 555 0123"
        data-autofocus={autoFocus || undefined}
        value={typed}
        onChange={(event) => {
          setOpen(true);
          setAt(-1);
          onType(event.target.value);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={keys}
      />
      {offers && (
        <div id={listId} className={css.found} role="listbox" aria-label={t`Contacts`}>
          {found.map((person, index) => (
            // The keys are the field's.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={person.number}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              className={css.offer}
              onPointerMove={() => index !== at && setAt(index)}
              // keeps the focus in the field
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => add(person)}
            >
              <Avatar id={person.id} name={person.name ?? readableNumber(person.number)} contact />
              <span className="el">{person.name ?? readableNumber(person.number)}</span>
              {person.name !== null && <span className={css.number}>{readableNumber(person.number)}</span>}
            </div>
          ))}
        </div>
      )}
      {people.length > 0 && (
        <ul className={css.chosen} aria-label={t`People`} data-rows={outcomes.size > 0 || undefined}>
          {people.map((person) => (
            <PersonChip
              key={person.number}
              person={person}
              outcome={outcomes.get(person.number)}
              onRemove={() => onRemove(person)}
            />
          ))}
        </ul>
      )}
      {people.length > 1 && (
        <span className="sr" role="status">
          <Plural value={people.length} one="# person" other="# people" />
        </span>
      )}
    </div>
  );
}

function PersonChip({
  person,
  outcome,
  onRemove,
}: {
  person: Recipient;
  outcome: Outcome | undefined;
  onRemove: () => void;
}) {
  const { t } = useLingui();
  const name = person.name ?? readableNumber(person.number);
  return (
    <li data-state={outcome?.state}>
      {outcome?.state === "sent" && <Check aria-hidden />}
      {outcome !== undefined && outcome.state !== "sent" && <CircleAlert aria-hidden />}
      <b className="el">{name}</b>
      {outcome && <span className={css.outcome}>{outcomeText(outcome)}</span>}
      {outcome?.state !== "sent" && (
        <IconButton label={t`Leave out ${name}`} compact onClick={onRemove}>
          <X aria-hidden />
        </IconButton>
      )}
    </li>
  );
}

/** Contacts of whom that is a part of the name or number; an answer that comes late is dropped. */
function useContacts(typed: string): readonly (Recipient & { id: string })[] {
  const { client } = useApp();
  const [found, setFound] = useState<readonly (Recipient & { id: string })[]>([]);
  const q = typed.trim();
  useEffect(() => {
    if (q.length < 2) return setFound([]);
    const control = new AbortController();
    const timer = setTimeout(() => {
      client
        .get<{ data: FoundContact[] }>("/contacts", { query: { q, limit: MOST_FOUND }, signal: control.signal })
        .then(({ data }) => {
          if (control.signal.aborted) return;
          setFound(
            data.data.flatMap(({ id, name, address }) =>
              // what can't be answered, such as a short code, can't be written to
              address?.startsWith("+") ? [{ id, name, number: address }] : [],
            ),
          );
        })
        // a number can be typed without them
        .catch(() => undefined);
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [client, q]);
  return found;
}
