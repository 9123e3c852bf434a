#!/usr/bin/env node
// From a project to a component: `node kit/build.js [FOLDER]` makes `NAME.wasm` in it.
//
// Name, version and summary are those of `package.json`, settings those of `settings.schema.json` beside the main file. The
// component imports the capabilities that the plugin does, and nothing else: no WASI either, so that there is no clock, no
// randomness and nothing to reach but the host.

import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const KIT = path.dirname(fileURLToPath(import.meta.url));

// What people can mend: it is told without a stack.
class Problem extends Error {}

async function build(folder) {
  const about = await described(folder);
  const { wanted } = await import("./src/host.js");
  const plugin = await loaded(path.join(folder, about.main));
  const componentize = await compiler();
  const made = path.join(folder, ".build");
  await rm(made, { recursive: true, force: true });
  const contract = await layOutContract(folder, made, plugin.kind, wanted());
  const entry = path.join(made, "entry.js");
  await writeFile(entry, source(about, plugin.kind, wanted(), contract));
  const component = await compiled(componentize, {
    witPath: path.join(made, "wit"),
    jsPath: entry,
    jsSource: await readFile(entry, "utf8"),
    moduleRoot: folder,
    optSize: true,
    stubWasi: true,
    sync: true,
  });
  const target = path.join(folder, `${about.name}.wasm`);
  const unfinished = `${target}.${process.pid}.unfinished`;
  await writeFile(unfinished, component);
  await rename(unfinished, target);
  return target;
}

async function described(folder) {
  const file = await read(path.join(folder, "package.json"), "there is nothing to build a plugin from");
  const about = parsed("package.json", file);
  for (const key of ["name", "version", "description", "main"]) {
    if (typeof about[key] !== "string") {
      throw new Problem(`package.json has no \`${key}\``);
    }
  }
  const schema = path.join(folder, path.dirname(about.main), "settings.schema.json");
  const text = await read(schema, "it says what people may set");
  return { ...about, settingsSchema: parsed("settings.schema.json", text) };
}

// The plugin is loaded here as well, to see of which kind it is and what it imports.
async function loaded(main) {
  const { default: plugin } = await import(pathToFileURL(main));
  if (typeof plugin?.exports !== "function") {
    throw new Problem(`the default export of ${main} is no plugin: it is made by target, format, router or check`);
  }
  return plugin;
}

async function compiler() {
  try {
    return (await import("componentize-qjs")).componentize;
  } catch (error) {
    if (error.code === "ERR_MODULE_NOT_FOUND") {
      throw new Problem("componentize-qjs is not installed: npm install");
    }
    throw error;
  }
}

// The modules are run once by the engine, and the component begins where they have ended.
async function compiled(componentize, options) {
  try {
    return (await componentize(options)).component;
  } catch (error) {
    throw new Problem(`no component can be made of it: ${error.message.replace(/^: /, "")}`);
  }
}

// A world with the capabilities that the plugin wants. Answers the version of the contract.
async function layOutContract(folder, made, kind, capabilities) {
  const contracts = path.join(folder, "wit");
  const found = (await readdir(contracts)).find((name) => name.startsWith("slipway-plugin@"));
  if (found === undefined) {
    throw new Problem(`${contracts} holds no contract`);
  }
  const version = found.slice(found.indexOf("@"));
  const wit = path.join(made, "wit");
  await mkdir(wit, { recursive: true });
  await cp(path.join(contracts, found), path.join(wit, "deps", "slipway-plugin"), { recursive: true });
  const imports = capabilities.map((name) => `  import slipway:plugin/${name}${version};\n`).join("");
  const world = `package slipway:made;\n\nworld plugin {\n${imports}  export slipway:plugin/${kind}${version};\n}\n`;
  await writeFile(path.join(wit, "world.wit"), world);
  return version;
}

function source({ name, version, description, main, settingsSchema }, kind, capabilities, contract) {
  const variable = (capability) => `host_${capability}`;
  const imports = capabilities.map(
    (capability) => `import ${variable(capability)} from "slipway:plugin/${capability}${contract}";\n`,
  );
  const connected = capabilities.map((capability) => `${capability}: ${variable(capability)}`).join(", ");
  const about = JSON.stringify({ name, version, summary: description, settingsSchema }, null, 2);
  const from = (file) => JSON.stringify(`../${file.split(path.sep).join("/")}`);
  return `${imports.join("")}import "../kit/src/sealed.js";
import { connect } from "../kit/src/host.js";
import plugin from ${from(path.normalize(main))};

connect({ ${connected} });

export const ${kind} = plugin.exports(${about});
`;
}

async function read(file, why) {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new Problem(`there is no ${file}: ${why}`);
  }
}

function parsed(name, text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(`${name}: ${error.message}`);
  }
}

try {
  console.log(await build(path.resolve(process.argv[2] ?? path.dirname(KIT))));
} catch (error) {
  console.error(error instanceof Problem ? `error: ${error.message}` : error);
  process.exitCode = 1;
}
