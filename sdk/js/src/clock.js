import { capability } from "./host.js";

const clock = capability("clock");

export const now = () => clock("now");

export function sleep(ms) {
  clock("sleep", ms);
}
