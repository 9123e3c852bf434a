// What every plugin says of itself: its kind and verbs, and what only the build knows, from `package.json` and
// `settings.schema.json`.

// `exports` makes what the component exports of `{ name, version, summary, settingsSchema }`, the schema as a document.
export function made(kind, exports) {
  return Object.freeze({ kind, exports });
}

export function description({ name, version, summary, settingsSchema }, more = {}) {
  return { name, version, summary, settingsSchema: JSON.stringify(settingsSchema), ...more };
}
