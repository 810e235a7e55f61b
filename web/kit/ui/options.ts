export type ComboboxOption = {
  value: string;
  label: string;
  /** Said after the label, quietly. */
  detail?: string;
  /** More words that find it. */
  also?: string;
};

/** Without accents and case: "São" is found by "sao". */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Whether every word of the query begins a word of the option. */
export function found(option: ComboboxOption, query: string): boolean {
  const words = folded(`${option.label} ${option.detail ?? ""} ${option.also ?? ""}`).split(/[^\p{L}\p{N}]+/u);
  const asked = folded(query)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== "");
  return asked.every((part) => words.some((word) => word.startsWith(part)));
}

/** px: between the field and its list, to the window's edge, and the most that a list takes. */
const GAP = 4;
const EDGE = 8;
const MOST_HEIGHT = 320;

type Box = { top: number; bottom: number; left: number; width: number };
/** In px of the window; null where the other end decides. */
export type ListPlace = { top: number | null; bottom: number | null; maxHeight: number; left: number; width: number };

/** Where the list of a field goes: below it, or above where there is more room. */
export function placeList(field: Box, windowHeight: number): ListPlace {
  const below = windowHeight - field.bottom - GAP - EDGE;
  const above = field.top - GAP - EDGE;
  const up = below < MOST_HEIGHT / 2 && above > below;
  return {
    top: up ? null : field.bottom + GAP,
    bottom: up ? windowHeight - field.top + GAP : null,
    maxHeight: Math.min(MOST_HEIGHT, up ? above : below),
    left: field.left,
    width: field.width,
  };
}
