// Practice (R31): a meeting of pretended sites that live in this page alone. The centre is asked nothing and told nothing, so
// that no record and no room can be touched; the screens are the real ones. Time is the page's own, counted from the begin.

import { t } from "./words.js";

/** @typedef {{ slug: string, n: number, asks: { seat: string, at: number, channel: string }[], floor: string, mic: string, call: boolean, reach: string, line: string, health: string }} Site */
/** @typedef {{ at: number, what: string, n: number, seat?: string }} Event */

const S = 1_000;
const SITES = 8;
const DIAL_MS = 6 * S;
const MAIN = "100", RESERVE = "200";
/** What happens, by the second: a practice is the same for everybody. @type {Event[]} */
const STORY = [
  { at: 3, what: "ask", n: 2, seat: "1" },
  { at: 15, what: "ask", n: 4, seat: "2" },
  { at: 25, what: "opens", n: 5 },
  { at: 40, what: "drops", n: 6 },
  { at: 60, what: "ask", n: 3, seat: "1" },
  { at: 75, what: "silent", n: 7 },
  { at: 90, what: "drops", n: 8 },
];
/** What an operator is to do, and the event from which it is counted. */
const TASKS = { grant: 3, close: 25, call: 40, message: 0, tick: 0, all: 0, backup: 0 };

/** @typedef {keyof typeof TASKS} Task */

/** @typedef {{ id: string, room: string, verb: string, args: any, at: number, stage: string, code: string }} Order */
/** @typedef {{ begun: number, told: number, sites: Site[], done: Partial<Record<Task, number>>, orders: Order[], ticks: Record<string, any>, steps: any[], switched: any }} All */

/** @type {All | null} */
let now = null;
let clock = () => Date.now();

/** From the beginning. @param {() => number} [of] the clock, ms */
export function restart(of) {
  clock = of ?? clock;
  const sites = Array.from({ length: SITES }, (_, k) => /** @type {Site} */ ({ slug: `tap-${k + 1}`, n: k + 1, asks: [], floor: "closed", mic: "muted", call: true, reach: "here", line: "good", health: "good" }));
  now = { begun: clock(), told: 0, sites, done: {}, orders: [], ticks: {}, steps: [], switched: null };
}

/** The practice as it stands: everything that is due has happened. */
function live() {
  if (now === null) restart();
  const all = /** @type {All} */ (now);
  const past = (clock() - all.begun) / S;
  for (; all.told < STORY.length && STORY[all.told].at <= past; all.told += 1) happen(all, STORY[all.told]);
  for (const order of all.orders.filter((one) => one.stage === "sent" && clock() - one.at >= DIAL_MS)) {
    const site = named(all, order.room);
    order.stage = site.reach === "here" ? "done" : "unanswered";
    if (order.verb === "call" && order.stage === "done") Object.assign(site, { call: true, line: "good", health: "good" });
  }
  return all;
}

/** @param {All} all @param {string} slug */
const named = (all, slug) => /** @type {Site} */ (all.sites.find((one) => one.slug === slug) ?? all.sites[0]);

/** @param {All} all @param {Event} event */
function happen(all, event) {
  const site = all.sites[event.n - 1];
  const at = all.begun + event.at * S;
  if (event.what === "ask") {
    site.asks.push({ seat: event.seat ?? "", at, channel: "button" });
    step(all, site, "asked", event.seat, "button");
  } else if (event.what === "opens") site.mic = "open";
  else if (event.what === "drops") Object.assign(site, { call: false, health: "warn" });
  else Object.assign(site, { reach: "silent", call: false });
}

/** @param {All} all @param {Site} site @param {string} what @param {string} [seat] @param {string} [channel] */
const step = (all, site, what, seat = "", channel = "") => void all.steps.push({ at_ms: clock(), room: site.slug, what, seat, channel });

/** @param {All} all @param {Task} task */
function did(all, task) {
  all.done[task] ??= Math.max(0, Math.round((clock() - all.begun) / S - TASKS[task]));
}

/** The tasks with the seconds that each took; null = not done. */
export function tasks() {
  const all = live();
  return /** @type {Task[]} */ (Object.keys(TASKS)).map((task) => ({ task, s: all.done[task] ?? null }));
}

const title = (/** @type {Site} */ site) => t("page.practice.site", site.n);

/** One order of the desk: answered as a room would. @param {All} all @param {string} room @param {string} verb @param {any} args */
function order(all, room, verb, args) {
  const at = clock();
  const one = { id: `practice-${all.orders.length + 1}`, room, verb, args, at, stage: verb === "call" ? "sent" : "done", code: "" };
  all.orders.push(one);
  return { id: one.id };
}

/** @param {All} all @param {any} body */
function floor(all, { room, seat = "", value, channel = "phone" }) {
  const site = named(all, room);
  if (value === "request") {
    site.asks.push({ seat, at: clock(), channel });
    step(all, site, "asked", seat, channel);
  } else {
    site.asks = site.asks.filter((ask) => ask.seat !== seat);
    if (value === "grant") Object.assign(site, { floor: "live", mic: "open" });
    if (value === "end") Object.assign(site, { floor: "closed", mic: "muted" });
    if (value === "grant") did(all, "grant");
    if (value !== "deny") step(all, site, value === "grant" ? "given" : "ended", seat);
  }
  return order(all, room, "floor", { value, seat });
}

/** @param {All} all @param {string} room @param {string} value */
function mute(all, room, value) {
  const site = named(all, room);
  if (site.mic === "open" && site.floor !== "live" && value === "muted") did(all, "close");
  site.mic = value === "auto" && site.floor === "live" ? "open" : "muted";
  if (value === "muted") site.floor = "closed";
  return order(all, room, "mute", { value });
}

/** @param {Site} site */
const tile = ({ slug, n, asks, ...rest }) => ({ slug, name: t("page.practice.site", n), role: n === 1 ? "chair" : "member", phase: rest.call ? "in_call" : "ready", power: "mains", duty: true, help: null, incidents: [], ...rest });

/** @param {All} all */
function session(all) {
  const tiles = all.sites.map(tile);
  const queue = all.sites.flatMap((site) => site.asks.map((ask) => ({ room: site.slug, name: title(site), seat: ask.seat, channel: ask.channel, asked_ms: ask.at }))).sort((a, b) => a.asked_ms - b.asked_ms);
  const missing = tiles.filter((one) => one.reach !== "here" || !one.call).map((one) => one.slug);
  const incidents = all.sites.filter((site) => !site.call).map((site) => ({ id: site.n, rooms: [site.slug], code: site.reach === "here" ? "call" : "line", from_ms: all.begun, asks_expected: false }));
  const meeting = { uid: "practice", title: t("page.practice.title"), start_ms: all.begun, end_ms: all.begun + 3_600_000, chair: "tap-1", policy: "chair_led", secret: false, practice: true };
  return { now_ms: clock(), meeting, tiles, queue, missing, incidents };
}

/** @param {All} all */
function rollcall(all) {
  const rows = all.sites.map((site) => ({ ...tile(site), found: site.call ? [] : [["codec", "failed"]], ticks: all.ticks[site.slug] ?? {} }));
  return { title: t("page.practice.title"), items: ["picture_in", "picture_out", "sound_in", "sound_out", "technician"], rows: rows.sort((a, b) => b.found.length - a.found.length) };
}

/** @param {All} all @param {any} body */
function tick(all, { room, item, verdict }) {
  all.ticks[room] = { ...all.ticks[room], [item]: { verdict, by: t("page.practice.you"), at_ms: clock() } };
  did(all, "tick");
  return {};
}

/** @param {All} all @param {string} value */
function muteAll(all, value) {
  did(all, "all");
  return each(all.sites.filter((one) => one.n > 1), (site) => mute(all, site.slug, value));
}

/** @param {Site[]} sites @param {(site: Site) => { id: string }} tell */
function each(sites, tell) {
  const [here, away] = [sites.filter((one) => one.reach === "here"), sites.filter((one) => one.reach !== "here")];
  return { sent: Object.fromEntries(here.map((site) => [site.slug, tell(site).id])), unsent: Object.fromEntries(away.map((site) => [site.slug, "order.silent"])) };
}

/** @param {All} all @param {any} body */
function backup(all, { to }) {
  did(all, "backup");
  all.switched = { to, by: t("page.practice.you"), at_ms: clock(), back_s: {} };
  const others = all.sites.filter((site) => site.n !== (to === "backup" ? 2 : 1));
  const [here, away] = [others.filter((one) => one.reach === "here"), others.filter((one) => one.reach !== "here")];
  here.forEach((site) => order(all, site.slug, "call", { value: "dial", address: to === "backup" ? RESERVE : MAIN }));
  return { ordered: here.map((one) => one.slug), refused: Object.fromEntries(away.map((one) => [one.slug, "order.silent"])), calendar: "none" };
}

/** @param {All} all */
function whole(all) {
  const newest = new Map(all.orders.filter((one) => ["power", "mute", "call"].includes(one.verb)).map((one) => [`${one.room} ${one.verb}`, { ...one, by: t("page.practice.you"), sent_ms: one.at, told: [] }]));
  return { number: MAIN, place: "tap-1", replies: [...newest.values()] };
}

/** @param {All} all @param {any} body */
function call(all, { room, address }) {
  did(all, "call");
  return order(all, room, "call", { value: "dial", address });
}

/** @param {All} all @param {string} path */
function asked(all, path) {
  const one = all.orders.find(({ id }) => `/orders/${id}` === path);
  return one === undefined ? null : { ...one, name: title(named(all, one.room)), told: [] };
}

/** What the centre would answer, of this page's own sites. @param {string} method @param {string} path after `/practice` @param {any} body */
export function answer(method, path, body) {
  const all = live();
  if (path.startsWith("/orders/")) return asked(all, path);
  /** @type {Record<string, () => any>} */
  const answers = {
    "GET ": () => session(all),
    "GET /rollcall": () => rollcall(all),
    "POST /rollcall": () => tick(all, body),
    "GET /whole": () => whole(all),
    "GET /desk": () => ({ users: [], able: [], backup: "tap-2", backup_name: title(all.sites[1]), switched: all.switched }),
    "GET /floor-log": () => ({ steps: all.steps, spoken_s: {} }),
    "POST /floor": () => floor(all, body),
    "POST /mute": () => mute(all, body.room, body.value),
    "POST /mute-all": () => muteAll(all, body.value),
    "POST /power-all": () => each(all.sites, (site) => order(all, site.slug, "power", { value: body.value })),
    "POST /call": () => call(all, body),
    "POST /backup": () => backup(all, body),
    "POST /message": () => (did(all, "message"), order(all, body.room, "message", { text: body.text })),
  };
  return answers[`${method} ${path}`]?.() ?? {};
}
