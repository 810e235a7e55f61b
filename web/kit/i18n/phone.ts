/** A number as people read it: "+14155550142" → "(415) 555-0142", others grouped after the plus; anything else as it is. */
export function readableNumber(address: string): string {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(address);
  if (american) return `(${american[1]}) ${american[2]}-${american[3]}`;
  const other = /^\+(\d{7,15})$/.exec(address)?.[1];
  return other === undefined ? address : `+${other.replace(/(\d{2,3})(?=(\d{3})+$)/g, "$1 ")}`;
}
