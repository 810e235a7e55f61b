import type { Label } from "@partyline/kit/api";

/** Its own name, without what is above it. */
export function ownName({ name }: Pick<Label, "name">): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** How many labels it is below of. */
export function depth({ name }: Pick<Label, "name">): number {
  return name.split("/").length - 1;
}

/** Is the other one below it? */
export function isAbove({ name }: Pick<Label, "name">, other: Pick<Label, "name">): boolean {
  return other.name.startsWith(`${name}/`);
}

const ORDER = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Each below what is above it, and beside each other by name. */
export function asTree(labels: readonly Label[]): readonly Label[] {
  const parts = new Map(labels.map((label) => [label, label.name.split("/")]));
  return labels.toSorted((a, b) => {
    const [one, other] = [parts.get(a) ?? [], parts.get(b) ?? []];
    for (const [at, part] of one.entries()) {
      const beside = other[at];
      if (beside === undefined) return 1;
      const order = ORDER.compare(part, beside);
      if (order !== 0) return order;
    }
    return one.length - other.length;
  });
}

/** Those whose name holds everything that was typed, in that order of words. */
export function matching(labels: readonly Label[], typed: string): readonly Label[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return labels.filter(({ name }) => {
    const text = name.toLowerCase();
    let from = 0;
    return words.every((word) => {
      const at = text.indexOf(word, from);
      from = at + word.length;
      return at >= 0;
    });
  });
}
