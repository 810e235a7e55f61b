export { LabelChips } from "./LabelChips.tsx";
export { LabelCommand, LabelPicker } from "./LabelCommand.tsx";
export { LabelDot } from "./LabelDot.tsx";
export { asTree, depth, isAbove, ownName } from "./names.ts";
