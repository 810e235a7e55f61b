import { useLingui } from "@lingui/react/macro";
import type { Id, SavedSearch } from "@partyline/kit/api";
import { useApp, useForm, useMay, useMe, useTeams } from "@partyline/kit/react";
import { Button, Combobox, Dialog, DialogGap, Field, Notice, showToast, TextField } from "@partyline/kit/ui";
import css from "./saved.module.css";

/** The server's bounds, in characters. */
const MOST = { name: 60, query: 1_000 };

type Props = {
  /** Null: a new one. */
  saved: SavedSearch | null;
  query: string;
  onClose: () => void;
};

/** Gives a search a name, or another one. */
export function SavedDialog({ saved, query, onClose }: Props) {
  const { t } = useLingui();
  const { client, desk } = useApp();
  const owners = useOwners();
  const form = useForm({
    initial: { name: saved?.name ?? "", query, owner: "personal" },
    check: ({ name, query: q }) => ({
      name: name.trim() === "" ? t`Write what it is called.` : null,
      query: q.trim() === "" ? t`Write what to look for.` : null,
    }),
    submit: async ({ name, query: q, owner }, key) => {
      const says = { name: name.trim(), query: q.trim() };
      const body = { ...says, ...ownerOf(owner) };
      const done =
        saved === null
          ? client.post<SavedSearch>("/saved_searches", body, { idempotencyKey: key.for(body) })
          : client.patch<SavedSearch>(`/saved_searches/${saved.id}`, says);
      desk.putRow("saved", await done);
      showToast({ id: "saved", text: saved === null ? t`Saved. It stands in the sidebar.` : t`Saved` });
      onClose();
    },
  });
  return (
    <Dialog title={saved === null ? t`Save this search` : t`Change ${saved.name}`} onClose={onClose}>
      <form className={css.form} {...form.attributes}>
        {form.faults.form !== null && (
          <Notice tone="danger" alert>
            {form.faults.form}
          </Notice>
        )}
        <TextField label={t`Name`} autoComplete="off" data-autofocus maxLength={MOST.name} {...form.text("name")} />
        <TextField
          label={t`Looks for`}
          autoComplete="off"
          spellCheck={false}
          maxLength={MOST.query}
          {...form.text("query")}
        />
        {saved === null && owners.length > 1 && (
          <Field label={t`For`} hint={t`Whose it is can’t be changed later.`}>
            {(bound) => (
              <Combobox
                {...bound}
                options={owners}
                value={form.values.owner}
                onChange={(owner) => form.set("owner", owner)}
              />
            )}
          </Field>
        )}
        <div className={css.buttons}>
          <DialogGap />
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" look="primary" busy={form.busy}>{t`Save`}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Whose a new one can be: "personal", "workspace", or a team's id. */
function useOwners(): { value: string; label: string }[] {
  const { t } = useLingui();
  const me = useMe()?.user;
  const teams = useTeams();
  const manages = useMay("saved_searches.manage");
  const seesAll = me?.role === "owner" || me?.role === "admin";
  const mine = teams.filter(({ id }) => seesAll || me?.team_ids.includes(id));
  return [
    { value: "personal", label: t`Only you` },
    ...(manages ? mine.map(({ id, name }) => ({ value: id, label: t`The team ${name}` })) : []),
    ...(manages ? [{ value: "workspace", label: t`Everybody` }] : []),
  ];
}

function ownerOf(owner: string): { scope: SavedSearch["scope"]; team_id: Id | null } {
  if (owner === "workspace" || owner === "personal") return { scope: owner, team_id: null };
  return { scope: "team", team_id: owner };
}
