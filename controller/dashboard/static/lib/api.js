// The centre's API. What is refused becomes an Error whose `code` the catalogue knows. Of a command the page asks for no
// reply in the same request (`Prefer: wait=0`): a browser has six connections to a centre, one is the stream, and five sites
// that do not answer would hold up the sixth button. What becomes of it is followed by act.js and told by the stream.

import { asked } from "./asked.js";
import { tell } from "./stream.js";
import { t } from "./words.js";

export class Refused extends Error {
  /** @param {number} status @param {string} code @param {unknown[]} args */
  constructor(status, code, args) {
    super(t(code, ...args));
    this.status = status;
    this.code = code;
  }
}

/** Changes that are on their way. @type {Map<string, Promise<any>>} */
const sent = new Map();
/** The last question found no centre. */
let away = false;

/** A press that is repeated before the centre has answered is the same press. @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
export function call(method, path, body) {
  if (method === "GET") return ask(method, path, body);
  const press = JSON.stringify([method, path, body]);
  const doing = sent.get(press) ?? ask(method, path, body).finally(() => sent.delete(press));
  sent.set(press, doing);
  return doing;
}

/** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
async function ask(method, path, body) {
  if (path.startsWith("/practice") || path.startsWith("/orders/practice-")) return (await import("./pretend.js")).answer(method, path.replace("/practice/", "/").replace(/^\/practice$/, ""), body);
  const { answer, said } = await reached(method, path, body).catch(() => lost(method));
  if (away) {
    away = false;
    tell("hello", null); // whoever shows data asks anew
  }
  if (!answer.ok) throw new Refused(answer.status, said.code ?? "page.failed", said.args ?? [answer.status]);
  return said;
}

/** @param {string} method @param {string} path @param {unknown} body */
async function reached(method, path, body) {
  const answer = method === "GET" ? await asked(`/api${path}`) : await fetch(`/api${path}`, {
    method,
    headers: { "x-diemcau": "1", prefer: "wait=0", ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { answer, said: answer.headers.get("content-type")?.includes("json") ? await answer.json() : {} };
}

/** The shell says that the centre is away, for every question: such an error has no words, which would take the place of what
 * was said before. What was to be changed says itself that it may not be. @param {string} method @returns {never} */
function lost(method) {
  away = true;
  tell("lost", null);
  throw new Refused(503, method === "GET" ? "" : "page.unsent", []);
}

/** @param {string} path @returns {Promise<any>} */
export const get = (path) => call("GET", path);
/** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
export const post = (path, body) => call("POST", path, body ?? {});
