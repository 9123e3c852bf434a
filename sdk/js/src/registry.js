import { capability } from "./host.js";

const registry = capability("registry");

export const resolve = (name, repository, reference) => registry("resolve", name, repository, reference);
export const manifest = (name, repository, digest) => registry("manifest", name, repository, digest);
