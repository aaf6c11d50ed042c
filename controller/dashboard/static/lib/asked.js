// An answer of the centre: what first.js has asked for already, once, or asked for now.

/** `middle`: our clock half-way between question and answer. @typedef {Response & { middle: number }} Answer */

/** @type {Record<string, Promise<Answer>>} */
const early = /** @type {any} */ (globalThis).asked ?? {};

/** Whether it is on its way, and nobody has looked at it. @param {string} path */
export function coming(path) {
  return path in early;
}

/** @param {string} path @returns {Promise<Answer>} */
export async function asked(path) {
  const found = early[path];
  delete early[path];
  const answer = await found;
  if (answer?.ok) return answer;
  const begun = Date.now();
  return Object.assign(await fetch(path, { headers: { "x-diemcau": "1" } }), { middle: (begun + Date.now()) / 2 });
}
