// What the devices of a room say, each value with its quality, and each load with its reason.

import { html } from "../lib/ui.js";
import { clock, day, number, t, when, word } from "../lib/words.js";

/** @typedef {{ body: any, received_ms: number, base_ms: number | null }} Part */

/** @type {Record<string, [string, string, string]>} */
const LETTERS = { "0": ["off", "", "○"], o: ["ordered", "warn", "◔"], 1: ["proven", "good", "●"], f: ["failed", "bad", "■"], "?": ["unknown", "warn", "?"] };
const HEAD = new Set(["v", "boot", "mono_s", "at", "clock"]);

/** Since when, by the clock of the centre's readers; '' = not known. @param {Part | undefined} part @param {unknown} since_ms */
export function since(part, since_ms) {
  if (part?.base_ms == null || typeof since_ms !== "number") return "";
  const ms = part.base_ms + since_ms;
  return day(ms) === day(part.received_ms) ? clock(ms) : when(ms);
}

/** @param {{ part: Part | undefined, letters: Record<string, string>, old: boolean, named: (text: string) => string }} props */
export function Loads({ part, letters, old, named }) {
  const rows = Object.entries(part?.body ?? {}).filter(([name]) => !HEAD.has(name));
  return html`<section class="card"><h2>${t("room.loads")}</h2>
    ${rows.length === 0 ? html`<p class="soft">${t("room.nothing")}</p>` : null}
    <ul class=${`loads ${old ? "old" : ""}`}>${rows.map(([name, row]) => html`<${Load} key=${name} name=${name} row=${row} letter=${letters[name] ?? "?"} part=${part} old=${old} named=${named} />`)}</ul></section>`;
}

/** @param {{ name: string, row: any, letter: string, part: Part | undefined, old: boolean, named: (text: string) => string }} props */
function Load({ name, row, letter, part, old, named }) {
  const [state, tone, shape] = LETTERS[old ? "?" : letter] ?? LETTERS["?"];
  const from = since(part, row.since_ms);
  const clause = row.rule ? t(`clause.${row.rule}`) : "";
  return html`<li><div class="row"><b>${word(name)}</b><span class=${`chip ${tone}`}><i>${shape}</i> ${t(`room.load.${state}`)}</span>
      ${from ? html`<span class="soft">${t("room.since", from)}</span>` : null}
      ${row.hours ? html`<span class="soft">${t("room.hours", row.hours)}</span>` : null}</div>
    <div class="why">${row.code ? html`${named(t(row.code, ...(row.args ?? [])))} <span class="soft" title=${clause}>${t("why.rule", row.rule, t(`rule.${row.rule}`))}${row.wish_since_ms ? `, ${t("room.since", since(part, row.wish_since_ms))}` : ""}</span>` : html`<span class="soft">${t("why.nothing")}</span>`}</div>
    ${row.waits ? html`<div class="warn">${t("why.waits", named(t(row.waits, ...(row.waits_args ?? []))))}</div>` : null}
    ${row.failed ? html`<div class="bad">${t("why.failed", reason(row.failed))}</div>` : null}</li>`;
}

/** Why an order to a load came to nothing, from its driver's short word. @param {string} code */
function reason(code) {
  const [short, ...rest] = code.split(":");
  const said = [`keeper.${short}`, `device.${short}`].map((one) => t(one, "")).find((one) => !one.startsWith("keeper.") && !one.startsWith("device."));
  return `${said ?? short}${rest.length > 0 ? ` (${rest.join(":").trim()})` : ""}`;
}

const SECTIONS = [
  { name: "ups", order: ["source", "charge_pct", "runtime_s", "load_pct", "input_v", "battery_v", "temp_c", "replace"] },
  { name: "line", order: ["state", "desk", "carrier", "places"] },
  { name: "codec", order: ["power", "in_call", "mute", "registered", "answers", "volume"] },
  { name: "camera", order: ["seats", "main.preset", "main.power"] },
  { name: "climate", order: [] },
  { name: "light", order: [] },
  { name: "contacts", order: [] },
  { name: "host", order: [] },
];

/** @param {{ parts: Record<string, Part>, old: boolean }} props */
export function Figures({ parts, old }) {
  return SECTIONS.map(({ name, order }) => {
    const part = parts[`detail/${name}`];
    const rows = part === undefined ? [] : sorted(flat(part.body), order);
    if (rows.length === 0) return null;
    const said = (/** @type {[string, any][]} */ some) =>
      html`<dl class="figures">${some.map(([key, value]) => html`<dt>${label(key)}</dt><dd><${Value} name=${key} value=${value} part=${part} old=${old} /></dd>`)}</dl>`;
    const first = rows.filter(([key, value]) => order.length === 0 || speaks(value) || order.some((one) => key === one || key.startsWith(`${one}.`)));
    const rest = rows.filter((row) => !first.includes(row));
    return html`<section class="card" key=${name}><h2>${t(`room.part.${name}`)}</h2>${said(first)}
      ${rest.length === 0 ? null : html`<details><summary>${t("room.more", rest.length)}</summary>${said(rest)}</details>`}</section>`;
  });
}

/** Something is the matter with it: never hidden. @param {any} value */
function speaks(value) {
  return value === true || (value !== null && typeof value === "object" && value.quality !== undefined && value.quality !== "never");
}

/** A value alone is good; anything else says what it is and since when. @param {{ name: string, value: any, part: Part, old: boolean }} props */
function Value({ name, value, part, old }) {
  const odd = value !== null && typeof value === "object" && "quality" in value;
  const plain = odd ? value.value : value;
  const quality = odd ? value.quality : old ? "stale" : "good";
  const said = plain === null && quality === "never" ? "" : shown(name, plain);
  if (quality === "good") return html`${said}`;
  const from = odd ? since(part, value.since_ms) : clock(part.received_ms);
  return html`<span class="old-value">${said}</span> <span class="warn">? ${t(`quality.${quality}`)}${quality !== "never" && from ? ` (${t("room.since", from)})` : ""}</span>`;
}

/** Nested views as rows with dots in their names; what has a quality stays whole. @param {any} tree @param {string} [at] @returns {[string, any][]} */
function flat(tree, at = "") {
  return Object.entries(tree).flatMap(([key, value]) => {
    if (at === "" && HEAD.has(key)) return [];
    const name = at + key;
    const inner = value !== null && typeof value === "object" && !Array.isArray(value) && !("quality" in value);
    return inner ? flat(value, `${name}.`) : [/** @type {[string, any]} */ ([name, value])];
  }).filter(([, value]) => value !== "" && value !== null);
}

/** @param {[string, any][]} rows @param {string[]} order */
function sorted(rows, order) {
  const place = (/** @type {string} */ name) => {
    const at = order.findIndex((one) => name === one || name.startsWith(`${one}.`));
    return at < 0 ? order.length : at;
  };
  return rows.map((row, n) => /** @type {const} */ ([row, n])).sort((a, b) => place(a[0][0]) - place(b[0][0]) || a[1] - b[1]).map(([row]) => row);
}

/** "places.far.rtt_ms" → its place and figure in words. @param {string} name */
export function label(name) {
  const parts = name.replace(/^(places|seats)\./, "").split(".");
  const last = /** @type {string} */ (parts.at(-1));
  const figure = t(`room.figure.${last}`);
  const known = figure !== `room.figure.${last}`;
  const places = known ? parts.slice(0, -1) : parts;
  return [...places.map((one) => word(one)), ...(known ? [figure] : [])].join(" · ");
}

/** @param {string} name @param {any} value @returns {string} */
export function shown(name, value) {
  if (Array.isArray(value)) return value.map((one) => shown("", one)).join(" · ");
  if (typeof value === "number") {
    if (name.endsWith("_s")) return t("status.min", Math.floor(value / 60));
    if (name.endsWith("_ratio")) return `${number(value * 100, 1)} %`;
    const unit = /** @type {[string, string][]} */ ([["_pct", "%"], ["_v", "V"], ["temp_c", "°C"], ["_ms", "ms"], ["lux", "lux"], ["_kbps", "kbit/s"]]).find(([end]) => name.endsWith(end));
    return unit ? `${number(value, 1)} ${unit[1]}` : number(value);
  }
  if (typeof value === "string") {
    for (const kind of ["value", "power", "line", "mic", "room.value"]) {
      const said = t(`${kind}.${value}`);
      if (said !== `${kind}.${value}`) return said;
    }
  }
  return word(value);
}
