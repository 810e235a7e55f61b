export { FakeServer, type FakeAnswer, type FakeRequest } from "./fakeServer.ts";
export { seed, type Seed } from "./seed.ts";
