// The guest kit: what a Slipway plugin in JavaScript is written with. A plugin's main file has as its default export what one
// of `target`, `format`, `router` and `check` makes of its verbs. Each capability is a module of its own, because a plugin
// asks for exactly those that it imports. The meaning of every verb and capability is written in the contract, `wit`.

export { changes } from "./changes.js";
export { check } from "./check.js";
export { duration } from "./duration.js";
export { Failure } from "./failure.js";
export { format } from "./format.js";
export { origins } from "./origin.js";
export { router } from "./router.js";
export { target } from "./target.js";
