// The contract's types as schemas: what the kit checks before it hands it on. The engine traps on what does not fit, and
// says neither where nor why.

export const text = { type: "string" };
export const bool = { type: "boolean", default: false };
export const bytes = { type: "bytes" };
export const u64 = { type: "integer", minimum: 0 };
// The engine takes no more than a signed number here.
export const u32 = { ...u64, maximum: 0x7fff_ffff };
export const texts = { type: "object", additionalProperties: text, default: {} };
export const EFFECT = { enum: ["read", "idempotent", "once"] };

export const list = (items) => ({ type: "array", items, default: [] });
export const either = (...names) => ({ enum: names });
// What need not be said, and is none then.
export const optional = (schema) => ({ ...schema, type: [schema.type, "null"], default: null });

export function record(required, others = {}) {
  return {
    type: "object",
    additionalProperties: false,
    required: Object.keys(required),
    properties: { ...required, ...others },
  };
}

export const PORT = record({ name: text, address: text });
export const FILE = record({ path: text, content: bytes });
export const LOG_CHUNK = record({ content: bytes, next: text, end: { type: "boolean" } });
