// Documents against JSON Schema: settings, answers of platforms, answers of plugins. Of its keywords those are understood that
// most documents need; what a plugin's settings say beyond them the host has checked already.
//
// Of our own, for schemas in the kit: the type `bytes`, a `Uint8Array`, and `problem`, a function that says what is wrong.

export class Mismatch extends Error {
  constructor(message) {
    super(message);
    this.name = "Mismatch";
  }
}

const TYPES = {
  string: (value) => typeof value === "string",
  number: (value) => Number.isFinite(value),
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isObject,
  bytes: (value) => value instanceof Uint8Array,
};

// The value with defaults filled in, as a copy as deep as the schema goes; what is `undefined` counts as not there.
export function checked(schema, value, at = "") {
  scalar(schema, value, at);
  if (isObject(value)) {
    return properties(schema, value, at);
  }
  if (Array.isArray(value) && schema.items !== undefined) {
    return value.map((item, index) => checked(schema.items, item, `${at}[${index}]`));
  }
  return value;
}

function scalar(schema, value, at) {
  const is = (problem) => {
    throw new Mismatch(`${named(at)} ${problem}`);
  };
  const types = schema.type === undefined ? undefined : [schema.type].flat();
  if (types !== undefined && !types.some((type) => TYPES[type]?.(value))) {
    is(value === undefined ? "is missing" : `is not ${types.map(article).join(" or ")}`);
  }
  if ("const" in schema && value !== schema.const) {
    is(`is not ${quoted(schema.const)}`);
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    is(`is not one of ${schema.enum.map(quoted).join(", ")}`);
  }
  if (typeof value === "number" && (value < schema.minimum || value > schema.maximum)) {
    is(value < schema.minimum ? `is less than ${schema.minimum}` : `is more than ${schema.maximum}`);
  }
  if (typeof value === "string") {
    if ([...value].length < schema.minLength) {
      is(value === "" ? "is empty" : `is shorter than ${schema.minLength}`);
    }
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
      is(`does not look like ${quoted(schema.pattern)}`);
    }
  }
  if (Array.isArray(value) && value.length < schema.minItems) {
    is(value.length === 0 ? "is empty" : `has less than ${schema.minItems} entries`);
  }
  const problem = schema.problem?.(value);
  if (problem !== undefined) {
    is(problem);
  }
}

function properties(schema, value, at) {
  const known = schema.properties ?? {};
  const below = (key) => (at === "" ? key : `${at}.${key}`);
  const entries = [];
  for (const [key, held] of Object.entries(value)) {
    if (held === undefined) {
      continue;
    }
    if (Object.hasOwn(known, key)) {
      entries.push([key, checked(known[key], held, below(key))]);
    } else if (schema.additionalProperties === false) {
      throw new Mismatch(`unknown key \`${below(key)}\`, ${among(Object.keys(known))}`);
    } else {
      entries.push([key, checked(schema.additionalProperties ?? {}, held, below(key))]);
    }
  }
  // Entries and not assignments: a key may be called `__proto__`.
  const found = Object.fromEntries(entries);
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(found, key)) {
      throw new Mismatch(`\`${below(key)}\` is missing`);
    }
  }
  for (const [key, property] of Object.entries(known)) {
    if (!Object.hasOwn(found, key) && property.default !== undefined) {
      found[key] = JSON.parse(JSON.stringify(property.default));
    }
  }
  return found;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

const named = (at) => (at === "" ? "it" : `\`${at}\``);
const quoted = (value) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
const among = (keys) => (keys.length === 0 ? "none is known" : `known are ${keys.map(quoted).join(", ")}`);
const article = (type) => (type === "null" || type === "bytes" ? type : `${/^[aio]/.test(type) ? "an" : "a"} ${type}`);
