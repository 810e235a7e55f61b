export {
  byteSize,
  clockTime,
  daysBetween,
  fullWhen,
  listOf,
  longDay,
  moneyOf,
  shortWhen,
  wholeNumber,
} from "./format.ts";
export { readableNumber } from "./phone.ts";
export { LOCALES, loadPageTexts, startI18n, type Locale } from "./setup.ts";
