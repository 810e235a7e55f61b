import { i18n } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import { useApp, useMe, useMinute } from "@partyline/kit/react";
import { chooseSingleKeys, wantsSingleKeys } from "@partyline/kit/shortcuts";
import { ChoiceCards, currentTheme, setTheme, type Theme } from "@partyline/kit/ui";
import { Keyboard, Monitor, Moon, Sun } from "@partyline/kit/ui/icons";
import { useState } from "react";
import { PageHead } from "../PageParts.tsx";
import css from "../settings.module.css";

type Keys = "all" | "modified";

export function GeneralPage() {
  const { t } = useLingui();
  const { commands } = useApp();
  const me = useMe();
  const now = useMinute();
  const [theme, chooseTheme] = useState(currentTheme);
  const [keys, chooseKeys] = useState<Keys>(() => (wantsSingleKeys() ? "all" : "modified"));
  const zone = me?.workspace.time_zone ?? "UTC";
  const clock = new Intl.DateTimeFormat(i18n.locale, { timeZone: zone, hour: "numeric", minute: "2-digit" }).format(
    now,
  );
  return (
    <>
      <PageHead title={t`General`} />
      <div className={css.body}>
        <section className={css.section}>
          <h2>{t`Workspace`}</h2>
          <dl className={css.facts}>
            <dt>{t`Name`}</dt>
            <dd>{me?.workspace.name}</dd>
            <dt>{t`Time zone`}</dt>
            <dd>{t`${zone.replaceAll("_", " ")}, now ${clock}`}</dd>
          </dl>
        </section>
        <hr className={css.rule} />
        <section className={css.narrow}>
          <h2>{t`In this browser`}</h2>
          <ChoiceCards<Theme>
            legend={t`Appearance`}
            name="theme"
            value={theme}
            onChange={(next) => {
              setTheme(next);
              chooseTheme(next);
            }}
            choices={[
              { value: "light", label: t`Light`, icon: <Sun aria-hidden /> },
              { value: "dark", label: t`Dark`, icon: <Moon aria-hidden /> },
              { value: "system", label: t`Like the system`, icon: <Monitor aria-hidden /> },
            ]}
          />
          <ChoiceCards<Keys>
            legend={t`Keyboard`}
            name="keys"
            value={keys}
            onChange={(next) => {
              chooseSingleKeys(next === "all");
              commands.setSingleKeys(next === "all");
              chooseKeys(next);
            }}
            choices={[
              {
                value: "all",
                label: t`All shortcuts`,
                hint: t`Single letters too, such as J, K and R`,
                icon: <Keyboard aria-hidden />,
              },
              {
                value: "modified",
                label: t`Only with Ctrl or Alt`,
                hint: t`For voice control, or a cat on the desk`,
                icon: <Keyboard aria-hidden />,
              },
            ]}
          />
        </section>
      </div>
    </>
  );
}
