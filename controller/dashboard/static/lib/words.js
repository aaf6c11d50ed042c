// Sentences by their code, in the language of whoever looks. A code without a sentence is shown as it is.

import { asked } from "./asked.js";

/** @type {Record<string, string>} */
let sentences = {};
let language = "vi";

/** @param {string} lang */
export async function learn(lang) {
  const answer = await asked(`/api/texts?lang=${lang}`);
  sentences = await answer.json();
  language = lang;
  document.documentElement.lang = lang;
}

export function lang() {
  return language;
}

/**
 * The sentence of `code`; {0}, {name} filled in.
 * @param {string} code @param {...unknown} args
 */
export function t(code, ...args) {
  const named = args.length === 1 && args[0] !== null && typeof args[0] === "object" && !Array.isArray(args[0]) ? args[0] : args;
  const sentence = sentences[code];
  if (sentence === undefined) return code;
  if (!sentence.includes("{")) return sentence;
  return sentence.replace(/\{(\w+)\}/g, (_all, name) => word(/** @type {Record<string, unknown>} */ (named)[name]));
}

/** @param {unknown} value @returns {string} */
export function word(value) {
  if (value === null || value === undefined) return "?";
  if (typeof value === "boolean") return t(value ? "page.yes" : "page.no");
  if (typeof value === "number") return number(value);
  const text = String(value);
  if (/^(errno|foreign)\./.test(text) && sentences[text]) return sentences[text];
  return sentences[`thing.${text}`] ?? part(text) ?? text.replace(/^load\./, "");
}

/** `camera.main.park` is the park of the camera called main. @param {string} name @returns {string | undefined} */
function part(name) {
  const [head, ...rest] = name.split(".");
  const [middle, last] = [rest.slice(0, -1).join("."), rest[rest.length - 1]];
  const kinds = [[`thing.${head}.*.${last}`, middle], [`thing.${head}.${middle}.*`, last], [`thing.${head}.*`, rest.join(".")]];
  const [code, of] = kinds.find(([code, of]) => of && sentences[code]) ?? [];
  return code && of ? sentences[code]?.replace("{0}", sentences[`thing.${of}`] ?? of) : undefined;
}

/** @param {number} value @param {number} [digits] */
export function number(value, digits) {
  // The first format of a page costs ten times as long as all that a screen of rooms has to count.
  if (Number.isSafeInteger(value)) return String(value).replace(/\B(?=(\d{3})+$)/g, language === "vi" ? "." : ",");
  const key = `${language} ${digits ?? 2}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language === "vi" ? "vi-VN" : "en-GB", { maximumFractionDigits: digits ?? 2 });
  formats.set(key, format);
  return format.format(value);
}

/** Making one costs more than a hundred uses. @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

const ZONE = "Asia/Ho_Chi_Minh";

/** dd/mm/yyyy, 24 h, the network's own zone. @param {number} ms */
export function when(ms) {
  return `${clock(ms)} ${day(ms)}`;
}

/** @param {number} ms */
export function clock(ms) {
  return new Date(ms).toLocaleTimeString("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
}

/** @param {number} ms */
export function day(ms) {
  return new Date(ms).toLocaleDateString("en-GB", { timeZone: ZONE, day: "2-digit", month: "2-digit", year: "numeric" });
}

/** "kim son" finds "Kim Sơn". @param {string} text */
export function folded(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** Vietnamese collation. @param {string} a @param {string} b */
export function collate(a, b) {
  return a.localeCompare(b, "vi", { numeric: true });
}

/** What a tile's two lines hold of a name. */
const TWO_LINES = 34;

/** The place at the end of a name is neither broken nor left out; what is too long loses its middle. @param {string} name */
export function brief(name) {
  const words = name.split(" ");
  const place = words.splice(-2).join("\u00a0");
  if (name.length > TWO_LINES) {
    while (words.length > 1 && words.join(" ").length + place.length + 3 > TWO_LINES) words.pop();
    words.push("…");
  }
  return [...words, place].join(" ");
}

/** A unit by its type and name, as people say it; some registers hold the type in the name as well. @param {{ kind: string, name: string }} unit */
export function unitName({ kind, name }) {
  return name.toLowerCase().startsWith(`${kind} `.toLowerCase()) ? name : `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)} ${name}`;
}

/** An order as people say it: what, then to what. @param {{ verb: string, args: any }} order */
export function ordered({ verb, args }) {
  const codes = [`room.do.${verb}.${args.value}`, `room.do.${verb}`];
  const said = codes.map((code) => t(code)).find((text, n) => text !== codes[n]) ?? `${verb} ${args.value ?? ""}`;
  const rest = Object.entries(args).filter(([name]) => name !== "value" || verb === "volume").map(([, value]) => word(value));
  return [said, ...rest].join(" · ");
}
