// Every room in one row, kept as the centre tells it: one snapshot, then differences. Pages look with `useRooms()`.

import { asked, coming } from "./asked.js";
import { listen } from "./stream.js";
import { useEffect, useState } from "./ui.js";
import { folded } from "./words.js";

/**
 * @typedef {{ slug: string, name: string, unit: number | null, phase: string | null, health: string | null,
 *   power: string | null, line: string | null, floor: string | null, mic: string | null, call: boolean | null,
 *   uid: string | null, start: number | null, ready: string | null, online: boolean, bypass: boolean | null,
 *   help: string | null, maintenance: boolean | null, duty: boolean | null, role: string | null, asks: string[],
 *   incidents: string[], gasp: string | null, received_ms: number }} Room
 * @typedef {{ id: number, parent: number | null, kind: string, name: string }} Unit
 */

/** @type {Map<string, Room>} */
let rooms = new Map();
/** @type {Room[]} */
let sorted = [];
/** @type {string[]} */
let columns = [];
/** @type {Map<number, Unit>} */
let units = new Map();
let tag = "";
let ahead = 0;
let old = Number.POSITIVE_INFINITY;
/** The centre's clock when the page was last told to look. */
let moment = 0;
let known = false;
let version = 0;
let loading = false;
/** Asked for while an answer was on its way: that one may be from before the centre was listened to. */
let again = false;
/** Asked for before this was here and not looked at yet. */
let fresh = coming("/api/rooms");
/** @type {any[]} */
let waiting = [];
/** @type {Set<(n: number) => void>} */
const lookers = new Set();

/** The centre's clock, Unix ms: the only one by which anything is old. */
export function now() {
  return Date.now() + ahead;
}

/** Nothing may be said about it: away, never heard, or heard too long ago. @param {Room} room */
export function stale(room) {
  return !room.online || room.received_ms === 0 || moment - room.received_ms > old;
}

/** What to call the state of a room; `unknown` when it is old. @param {Room} room */
export function phase(room) {
  return stale(room) ? "unknown" : (room.phase ?? "unknown");
}

/** @type {WeakMap<Room, string>} */
const spelt = new WeakMap();

/** Whether `text` (folded) stands in its name. @param {Room} room @param {string} text */
export function named(room, text) {
  const known = spelt.get(room) ?? folded(`${room.name} ${room.slug}`);
  spelt.set(room, known);
  return known.includes(text);
}

/** All rooms by name, the tree of units, and whether they were heard at all; renders again when something changes. */
export function useRooms() {
  const [, look] = useState(version);
  useEffect(() => {
    lookers.add(look);
    look(version); // what came between the first picture and this
    const quiet = [listen("hello", load), listen("rooms", hear)];
    const tick = setInterval(tell, 15_000);
    if (!(known && fresh)) load();
    fresh = false;
    return () => {
      lookers.delete(look);
      clearInterval(tick);
      quiet.forEach((end) => end());
    };
  }, []);
  return { rooms: sorted, bySlug: rooms, units, known, version };
}

async function load() {
  again = loading;
  if (loading) return;
  loading = true;
  try {
    const answer = await asked("/api/rooms");
    if (!answer.ok) return;
    ahead = Number(answer.headers.get("x-now-ms")) - answer.middle;
    const mark = answer.headers.get("etag") ?? "";
    const same = known && mark === tag && mark !== "" && waiting.length === 0;
    if (mark !== tag || mark === "") take(await answer.json());
    tag = mark;
    waiting.forEach(merge);
    known = true;
    if (!same) tell();
  } catch {
    // The stream says that the centre is away, and `hello` asks again.
  } finally {
    waiting = [];
    loading = false;
    if (again) load();
  }
}

/** @param {{ columns: string[], rows: unknown[][], units: [number, number | null, string, string][], stale_ms: number }} said */
function take(said) {
  old = said.stale_ms;
  units = new Map(said.units.map(([id, parent, kind, name]) => [id, { id, parent, kind, name }]));
  columns = said.columns;
  columns.forEach((name, n) => Object.defineProperty(Row.prototype, name, { configurable: true, get() { return this.row[n]; } }));
  sorted = said.rows.map((row) => made(row)); // by name already
  rooms = new Map(sorted.map((room) => [room.slug, room]));
}

/** A room is the row that came; to take ten thousand of them apart costs more than to read it. */
class Row {
  /** @param {unknown[]} row */
  constructor(row) {
    this.row = row;
  }
}

/** @param {unknown[]} row */
function made(row) {
  return /** @type {Room} */ (/** @type {unknown} */ (new Row(row)));
}

function order() {
  const { compare } = new Intl.Collator("vi", { numeric: true });
  sorted = [...rooms.values()].sort((a, b) => compare(a.name, b.name));
}

/** @param {any} news */
function hear(news) {
  if (loading) return void waiting.push(news);
  tag = "";
  merge(news);
  tell();
}

/** @param {{ rows: Record<string, Partial<Room>>, gone: string[] }} news */
function merge(news) {
  let names = news.gone.length > 0;
  for (const slug of news.gone) rooms.delete(slug);
  for (const [slug, changed] of Object.entries(news.rows)) {
    const room = rooms.get(slug);
    if (room === undefined && changed.slug === undefined) continue;
    names ||= changed.name !== undefined;
    rooms.set(slug, made(columns.map((name) => /** @type {any} */ (name in changed || room === undefined ? changed : room)[name])));
  }
  if (names) order();
  else sorted = sorted.map((room) => rooms.get(room.slug) ?? room);
}

function tell() {
  version += 1;
  moment = now();
  for (const look of lookers) look(version);
}

/** The rooms are there, when they were asked for before this was. */
export const first = fresh ? load() : null;
