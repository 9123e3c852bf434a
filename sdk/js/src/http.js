// JSON over HTTP to a granted endpoint: what most targets and routers do all day. An answer that is no success becomes a
// failure of the kind that its status means, with the words of the answer. For anything else there is the capability
// itself, `send`.

import { Failure } from "./failure.js";
import { capability } from "./host.js";
import { parse } from "./json.js";
import { checked } from "./schema.js";
import { EFFECT, list, record, text, u32 } from "./shapes.js";
import { decode, decodeLossy, encode } from "./text.js";

const http = capability("http");

const TIMEOUT_MS = 30_000;
const NOTHING = new Uint8Array();
const REQUEST = record(
  { method: text, path: text, effect: EFFECT },
  {
    headers: list({ type: "array", items: text, minItems: 2 }),
    body: { type: ["bytes", "string", "object"] },
    timeoutMs: { ...u32, default: TIMEOUT_MS },
    quietMs: { ...u32, default: 0 },
  },
);

export function send(endpoint, request) {
  return new Response(http("send", endpoint, outgoing(request)));
}

export function sendAll(endpoint, requests) {
  const results = http("sendAll", endpoint, requests.map(outgoing));
  return results.map(({ tag, val }) =>
    tag === "ok" ? new Response(val) : new Failure(val.kind, val.message, val.hint),
  );
}

export class Endpoint {
  #name;

  constructor(name) {
    this.#name = name;
  }

  get(path) {
    return this.#call({ method: "GET", path });
  }

  getJson(path, schema) {
    return this.get(path).json(schema);
  }

  findJson(path, schema) {
    const response = this.#send({ method: "GET", path });
    return response.status === 404 ? null : response.success("GET", path).json(schema);
  }

  putJson(path, value) {
    return this.#call({ method: "PUT", path, body: JSON.stringify(value), type: "application/json" });
  }

  putBlob(path, blob, timeoutMs = TIMEOUT_MS) {
    return this.#call({ method: "PUT", path, body: { blob }, type: "application/octet-stream", timeoutMs });
  }

  delete(path, timeoutMs = TIMEOUT_MS) {
    return this.#call({ method: "DELETE", path, timeoutMs });
  }

  remove(path, timeoutMs = TIMEOUT_MS) {
    const response = this.#send({ method: "DELETE", path, timeoutMs });
    if (response.status !== 404) {
      response.success("DELETE", path);
    }
  }

  send(request) {
    return send(this.#name, request);
  }

  sendAll(requests) {
    return sendAll(this.#name, requests);
  }

  #call(request) {
    return this.#send(request).success(request.method, request.path);
  }

  #send({ type, ...request }) {
    const { method, path } = request;
    const effect = method === "GET" ? "read" : "idempotent";
    const headers = type === undefined ? [] : [["content-type", type]];
    try {
      return this.send({ ...request, effect, headers });
    } catch (error) {
      throw error instanceof Failure ? error.whileDoing(`${method} ${path}`) : error;
    }
  }
}

export class Response {
  constructor({ status, headers = [], body = NOTHING }) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  header(name) {
    return this.headers.find(([found]) => found.toLowerCase() === name.toLowerCase())?.[1];
  }

  text() {
    const text = decode(this.body);
    if (text === null) {
      throw Failure.failed("the answer is not text");
    }
    return text;
  }

  json(schema) {
    return parse("the answer is not what was expected", this.body, schema, "failed");
  }

  success(method, path) {
    if (this.status >= 200 && this.status < 300) {
      return this;
    }
    throw new Failure(kind(this.status), `${method} ${path} was answered ${this.status}: ${words(this.body)}`);
  }
}

export function escape(text) {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function outgoing(request) {
  const { body = NOTHING, ...rest } = checked(REQUEST, request);
  return { ...rest, body: content(body) };
}

function content(body) {
  if (typeof body === "string") {
    return { tag: "bytes", val: encode(body) };
  }
  if (body instanceof Uint8Array) {
    return { tag: "bytes", val: body };
  }
  const { blob, path } = body;
  return path === undefined ? { tag: "blob", val: blob } : { tag: "archived", val: { blob, path } };
}

function kind(status) {
  if ([400, 422].includes(status)) {
    return "invalid";
  }
  if ([401, 403, 409, 412].includes(status)) {
    return "refused";
  }
  if ([405, 501].includes(status)) {
    return "unsupported";
  }
  return [408, 429].includes(status) || (status >= 500 && status <= 599) ? "unavailable" : "failed";
}

// What an error's body says to a person: the usual fields of JSON, otherwise its first line.
function words(body) {
  const text = decodeLossy(body);
  const [line] = (field(text) ?? text).split(/\r?\n/, 1);
  return line === "" ? "no explanation" : [...line].slice(0, 500).join("");
}

function field(text) {
  try {
    const { error, message } = JSON.parse(text) ?? {};
    return [error, message].find((found) => typeof found === "string");
  } catch {
    return undefined;
  }
}
