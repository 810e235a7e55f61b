export { CATALOGUE, HERE, known, type KnownCommand } from "./catalogue.ts";
