import { useEffect, useId, useRef, type CSSProperties, type ReactNode, type RefObject } from "react";
import { classes } from "./classes.ts";
import css from "./popups.module.css";

export type DialogProps = {
  title: string;
  lead?: ReactNode;
  /** Before the title, such as a face. */
  mark?: ReactNode;
  /** px; 480 where it is left out. */
  width?: number;
  large?: boolean;
  /** No padding and no drawn title (the palette); the title still names it. */
  bare?: boolean;
  /** 112 px from the top instead of the middle. */
  top?: boolean;
  /** Buttons, right; put `DialogGap` after a destructive one to keep it left. */
  actions?: ReactNode;
  onClose: () => void;
  /** What has the focus afterwards, where that is not what had it before. */
  focusAfter?: RefObject<HTMLElement | null>;
  children?: ReactNode;
};

/** A modal dialog, open while it is rendered. The control with `data-autofocus` has the focus first. Escape and a click beside it close it; the focus returns to where it was. */
export function Dialog(props: DialogProps) {
  const { title, lead, mark, width, large, bare, top, actions, onClose, focusAfter, children } = props;
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    dialog.showModal();
    // The browser would take the first control, which may be the destructive one.
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    const after = focusAfter?.current;
    return () => {
      dialog.close();
      after?.focus();
    };
  }, [focusAfter]);
  return (
    // The native element holds the focus and answers Escape; the click handler adds the backdrop.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={element}
      className={classes(css.dialog, bare && css.bare, top && css.top)}
      aria-labelledby={id}
      style={width === undefined ? undefined : ({ "--dialog-width": `${width}px` } as CSSProperties)}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target !== element.current) return;
        const box = element.current.getBoundingClientRect();
        const inside =
          event.clientX >= box.left &&
          event.clientX <= box.right &&
          event.clientY >= box.top &&
          event.clientY <= box.bottom;
        if (!inside) onClose();
      }}
    >
      {bare ? (
        <h2 className="sr" id={id}>
          {title}
        </h2>
      ) : (
        <div className={css.head}>
          {mark}
          <div>
            <h2 className={large ? css.large : css.title} id={id}>
              {title}
            </h2>
            {lead !== undefined && <p className={css.lead}>{lead}</p>}
          </div>
        </div>
      )}
      {children}
      {actions !== undefined && <div className={css.actions}>{actions}</div>}
    </dialog>
  );
}

/** Pushes the buttons after it to the right. */
export function DialogGap() {
  return <span className={css.gap} />;
}
