// Between the contract and the plugin's functions: what they answer is checked, because the engine would only trap on what
// it does not understand, and so is what they throw.

import { Failure } from "./failure.js";
import { error as logged } from "./log.js";
import { Mismatch, checked } from "./schema.js";

// A verb of the contract. `answer`: the schema of what it answers; without one it answers nothing.
export function verb(name, run, answer) {
  return (...parameters) => {
    try {
      return answered(name, run(...parameters), answer);
    } catch (error) {
      if (error instanceof Failure) {
        throw error.record();
      }
      // The trap that follows says nothing of its cause.
      logged(told(error));
      throw error;
    }
  };
}

// The plugin's own functions are there: it is said when the plugin is made, and not when one is called.
export function complete(kind, plugin, needed) {
  for (const name of needed) {
    if (typeof plugin[name] !== "function") {
      throw new TypeError(`the ${kind} has no function \`${name}\``);
    }
  }
}

function answered(name, value, answer) {
  if (typeof value?.then === "function") {
    throw new TypeError(`\`${name}\` answered a promise: capabilities are called without waiting, and so are verbs`);
  }
  if (answer === undefined) {
    return undefined;
  }
  try {
    // A function that finds nothing often answers nothing.
    return checked(answer, value ?? null);
  } catch (error) {
    if (error instanceof Mismatch) {
      throw new TypeError(`\`${name}\` answered what it cannot: ${error.message}`);
    }
    throw error;
  }
}

function told(error) {
  if (!(error instanceof Error)) {
    return `${error} was thrown, which is no error`;
  }
  const said = `${error.name}: ${error.message}`;
  const stack = (error.stack ?? "").trimEnd();
  // Some engines begin the stack with the message.
  return stack.startsWith(said) ? stack : `${said}\n${stack}`.trimEnd();
}
