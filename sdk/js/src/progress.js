import { capability } from "./host.js";

const progress = capability("progress");

export const report = (what, done, total = null) => progress("report", what, done, total);
