export { browserTimeZone, timeIn, timeZoneOptions } from "./timeZones.ts";
