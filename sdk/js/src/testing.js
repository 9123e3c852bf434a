// What tests outside a component need: there is no host, so they say themselves what capabilities answer.

export { connect } from "./host.js";
