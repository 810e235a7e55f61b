export { advise, type Advice, type Costly } from "./advice.ts";
export { isGsm7, segment, type Encoding, type Segmentation } from "./segments.ts";
