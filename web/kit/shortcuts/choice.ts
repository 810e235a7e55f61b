/** Where a browser kept, before keyboards were kept on the server, whether single letters are shortcuts. */
const KEY = "partyline.keys";
const MODIFIED_ONLY = "modified";

/** Did nobody switch single letters off in this browser? It counts until they choose a keyboard. */
export function wantsSingleKeys(): boolean {
  try {
    return localStorage.getItem(KEY) !== MODIFIED_ONLY;
  } catch {
    return true;
  }
}

export function forgetSingleKeys(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Storage can be forbidden; then there was no choice.
  }
}
