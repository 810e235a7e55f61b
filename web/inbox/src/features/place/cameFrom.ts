/** Where somebody was before they came to a page that shows no list; that page leads back there. */
export function cameFrom(): string {
  const state = history.state as { from?: unknown } | null;
  return typeof state?.from === "string" ? state.from : "/";
}
