import { capability } from "./host.js";

const log = capability("log");

export const debug = (message) => log("emit", "debug", String(message));
export const info = (message) => log("emit", "info", String(message));
export const warn = (message) => log("emit", "warn", String(message));
export const error = (message) => log("emit", "error", String(message));
