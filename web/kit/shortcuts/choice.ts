/** Where this browser keeps whether single letters are shortcuts. */
const KEY = "partyline.keys";
const MODIFIED_ONLY = "modified";

/** Single-letter shortcuts are on unless somebody switched them off in this browser (WCAG 2.1.4). */
export function wantsSingleKeys(): boolean {
  try {
    return localStorage.getItem(KEY) !== MODIFIED_ONLY;
  } catch {
    return true;
  }
}

export function chooseSingleKeys(wanted: boolean): void {
  try {
    if (wanted) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, MODIFIED_ONLY);
  } catch {
    // Storage can be forbidden; the choice then lasts as long as the page.
  }
}
