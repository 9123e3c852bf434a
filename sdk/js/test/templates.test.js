// The templates, each laid out as a project of its own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const templates = path.join(root, "plugins", "templates");

for (const kind of ["target", "format", "router", "check"]) {
  test(`${kind}: tests of a project`, async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), "slipway-template-"));
    context.after(() => rmSync(folder, { recursive: true }));
    cpSync(path.join(templates, "js", kind), folder, { recursive: true });
    cpSync(path.join(root, "sdk", "js", "src"), path.join(folder, "kit", "src"), { recursive: true });
    cpSync(path.join(root, "sdk", "js", "package.json"), path.join(folder, "kit", "package.json"));
    // Its tests are not those that run here.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const ran = spawnSync(process.execPath, ["--test"], { cwd: folder, encoding: "utf8", env });
    assert.equal(ran.status, 0, ran.stdout + ran.stderr);
    const { default: plugin } = await import(pathToFileURL(path.join(folder, "src", "plugin.js")));
    assert.equal(plugin.kind, kind);
  });

  test(`${kind}: the settings are those of the template in Rust`, () => {
    const schema = (...parts) => readFileSync(path.join(templates, ...parts, "src", "settings.schema.json"), "utf8");
    assert.equal(schema("js", kind), schema("rust", kind));
  });
}

test("every module of the kit has its types", () => {
  const kit = path.join(root, "sdk", "js", "src");
  const modules = ["blobs", "clock", "exec", "files", "http", "index", "json", "log", "lookup", "process", "progress"];
  for (const module of [...modules, "registry", "state", "testing", "text"]) {
    assert.ok(existsSync(path.join(kit, `${module}.d.ts`)), module);
  }
});
