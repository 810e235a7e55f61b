/** The parts of the page, in the order of the document: `data-region` says by a selector what has the focus first in each. */
const REGION = "[data-region]";
const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), [tabindex="0"]';

/** Moves the focus to the next part of the page that is seen, or the one before, and around. */
export function nextRegion(by: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(REGION)].filter((region) => region.offsetParent !== null);
  // The innermost: the composer stands in the thread.
  const at = regions.findLastIndex((region) => region.contains(document.activeElement));
  const from = at < 0 ? (by > 0 ? -1 : regions.length) : at;
  for (let step = 1; step <= regions.length; step += 1) {
    const region = regions[(from + by * step + regions.length * 2) % regions.length];
    const wanted = region?.dataset.region || FOCUSABLE;
    const target = region?.querySelector<HTMLElement>(wanted) ?? region?.querySelector<HTMLElement>(FOCUSABLE);
    target?.focus();
    if (target && document.activeElement === target) return;
  }
}
