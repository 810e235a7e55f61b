import { useLingui } from "@lingui/react/macro";
import { Mark } from "@partyline/kit/ui";
import { Server } from "@partyline/kit/ui/icons";
import type { ReactNode } from "react";
import { PoleDrawing } from "./PoleDrawing.tsx";
import css from "./SignInPage.module.css";

/** A page for whoever is not signed in: the brand, what there is to do, and which server this is. */
export function AuthFrame({ children }: { children: ReactNode }) {
  const { t } = useLingui();
  return (
    <div className={css.page}>
      <main className={css.side}>
        <div className={css.brand}>
          <Mark size={24} />
          <span>{t`Partyline`}</span>
        </div>
        {children}
        <p className={css.foot}>
          <span>
            <Server aria-hidden />
            {location.host}
          </span>
        </p>
      </main>
      <PoleDrawing />
    </div>
  );
}
