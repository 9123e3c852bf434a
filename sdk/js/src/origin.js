// Where the values of a rendered file came from, when the file is laid out as the settings are.

// One origin for each value of `document` that `settings` holds at the same place. What the settings do not hold is a
// default of the plugin and has none.
export function origins(file, document, settings) {
  const found = [];
  walk(document, settings, "");
  return found;

  function walk(document, settings, pointer) {
    // Lists are walked as objects: their keys are the indices.
    const alike = isNested(document) && isNested(settings) && Array.isArray(document) === Array.isArray(settings);
    if (!alike || Object.keys(document).length === 0) {
      found.push({ file, pointer, setting: pointer });
      return;
    }
    for (const [key, value] of Object.entries(document)) {
      if (Object.hasOwn(settings, key)) {
        walk(value, settings[key], `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
      }
    }
  }
}

function isNested(value) {
  return typeof value === "object" && value !== null;
}
