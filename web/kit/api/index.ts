export {
  createClient,
  fileUrl,
  newIdempotencyKey,
  type Answer,
  type Client,
  type Options,
  type Query,
  type Trouble,
} from "./client.ts";
export { ApiProblem, Unreachable } from "./problem.ts";
export type * from "./types.ts";
