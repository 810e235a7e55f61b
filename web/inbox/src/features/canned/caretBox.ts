/** What decides where a character stands in a text field. */
const SAME = [
  "direction",
  "boxSizing",
  "width",
  "borderTopWidth",
  "borderRightWidth",
  "borderBottomWidth",
  "borderLeftWidth",
  "borderStyle",
  "paddingTop",
  "paddingRight",
  "paddingBottom",
  "paddingLeft",
  "fontStyle",
  "fontVariant",
  "fontWeight",
  "fontStretch",
  "fontSize",
  "lineHeight",
  "fontFamily",
  "textAlign",
  "textTransform",
  "textIndent",
  "letterSpacing",
  "wordSpacing",
  "tabSize",
  "overflowWrap",
] as const;

/** Where the character at `at` stands on the screen, in px of the window. A text field does not say; its copy does. */
export function caretBox(field: HTMLTextAreaElement, at: number): { left: number; top: number; bottom: number } {
  const style = getComputedStyle(field);
  const copy = document.createElement("div");
  for (const name of SAME) copy.style[name] = style[name];
  Object.assign(copy.style, { position: "fixed", top: "0", left: "0", visibility: "hidden", whiteSpace: "pre-wrap" });
  copy.textContent = field.value.slice(0, at);
  const mark = document.createElement("span");
  mark.textContent = "/";
  copy.append(mark);
  document.body.append(copy);
  const [origin, spot] = [copy.getBoundingClientRect(), mark.getBoundingClientRect()];
  copy.remove();
  const box = field.getBoundingClientRect();
  const top = box.top + (spot.top - origin.top) - field.scrollTop;
  return { left: box.left + (spot.left - origin.left), top, bottom: top + spot.height };
}
