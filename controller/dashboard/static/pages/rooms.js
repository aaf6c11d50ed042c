// Every room as a tile, filtered. `#/rooms/SLUG` is one room.

import { get } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { named, phase, useRooms } from "../lib/rooms.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useMemo, useState } from "../lib/ui.js";
import { clock, collate, folded, number, t, unitName } from "../lib/words.js";
import { Tiles } from "./tiles.js";

/** @typedef {import("../lib/rooms.js").Room} Room @typedef {import("../lib/rooms.js").Unit} Unit */
/** @typedef {{ text: string, unit: string, state: string, meeting: string }} Filter */

const NAMES = ["trouble", "look", "unknown", "battery", "help", "in_call", "ready", "powering", "off", "bypass", "maintenance"];
/** A bit each: ten thousand rooms are counted anew whenever one of them changes. @type {Record<string, number>} */
const BIT = Object.fromEntries(NAMES.map((name, n) => [name, 1 << n]));
/** @type {Record<string, number>} */
const PHASES = { in_call: BIT.in_call, ready: BIT.ready, powering: BIT.powering, off: BIT.off, closing: BIT.off, stopped: BIT.off, bypass: BIT.bypass };

/** The states that a room is in; of one that is old nothing else is known. @param {Room} room */
function states(room) {
  const now = phase(room);
  if (now === "unknown") return BIT.unknown;
  const health = room.health === "bad" ? BIT.trouble : room.health === "warn" ? BIT.look : 0;
  const power = room.power === "battery" ? BIT.battery : 0;
  const help = room.help === null ? 0 : BIT.help;
  const maintenance = room.maintenance === true ? BIT.maintenance : 0;
  return (PHASES[now] ?? 0) | health | power | help | maintenance;
}

/** @param {{ args: string[], me: any }} props */
export function Page({ args, me }) {
  return args[0] ? html`<${One} args=${args} me=${me} key=${args[0]} />` : html`<${List} />`;
}

/** The page of a room with its curves is loaded when one is opened. @param {{ args: string[], me: any }} props */
function One({ args, me }) {
  const [page, setPage] = useState(/** @type {any} */ (null));
  useEffect(() => void import("./room.js").then((module) => setPage(() => module.RoomPage)), []);
  return page === null ? html`<h1>${args[0]}</h1>` : html`<${page} slug=${args[0]} rest=${args.slice(1)} me=${me} />`;
}

const NONE = { text: "", unit: "", state: "", meeting: "" };
/** Kept while a room is looked at, so that the way back shows the same list. @type {Filter} */
let last = NONE;

function List() {
  const { rooms, units, known } = useRooms();
  const [filter, setFilter] = useState(last);
  const meetings = useMeetings(known);
  const below = useMemo(() => inside(units, filter.unit), [units, filter.unit]);
  const shown = Object.values(filter).some((part) => part !== "") ? rooms.filter((room) => fits(room, filter, below, meetings)) : rooms;
  const change = (/** @type {Partial<Filter>} */ part) => setFilter((last = { ...filter, ...part }));
  return html`
    <div class="row rooms-head">
      <h1>${t("page.nav.rooms")} <span class="soft" role="status">${known ? t("room.count", shown.length, rooms.length) : t("room.loading")}</span></h1>
      <${Filters} filter=${filter} change=${change} units=${units} meetings=${meetings} />
      <${States} rooms=${rooms} filter=${filter} change=${change} />
    </div>
    ${known && shown.length === 0 ? html`<p class="card">${t(rooms.length === 0 ? "room.none_yet" : "room.none_found")}</p>` : null}
    <${Tiles} rooms=${shown} of=${JSON.stringify(filter)} />`;
}

/** @param {Room} room @param {Filter} filter @param {Set<number> | null} below @param {Map<string, any>} meetings */
function fits(room, filter, below, meetings) {
  if (filter.state !== "" && (states(room) & BIT[filter.state]) === 0) return false;
  if (below !== null && (room.unit === null || !below.has(room.unit))) return false;
  if (filter.meeting !== "" && !meetings.get(filter.meeting)?.rooms.has(room.slug)) return false;
  return filter.text === "" || named(room, filter.text);
}

/** A unit and everything below it; null = all. @param {Map<number, Unit>} units @param {string} chosen */
function inside(units, chosen) {
  if (chosen === "") return null;
  const found = new Set([Number(chosen)]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const unit of units.values()) if (unit.parent !== null && found.has(unit.parent)) found.add(unit.id);
  }
  return found;
}

/** @param {{ filter: Filter, change: (part: Partial<Filter>) => void, units: Map<number, Unit>, meetings: Map<string, any> }} props */
function Filters({ filter, change, units, meetings }) {
  return html`
    <label class="hidden-label"><span>${t("room.find")}</span><${Kept} type="search" placeholder=${t("room.find")} start=${filter.text}
      onInput=${(/** @type {any} */ e) => change({ text: folded(e.target.value.trim()) })} /></label>
    ${units.size === 0 ? null : html`<label class="hidden-label"><span>${t("room.unit")}</span><${Kept} as="select" start=${filter.unit} onChange=${(/** @type {any} */ e) => change({ unit: e.target.value })}>
      <option value="">${t("room.all_units")}</option>
      ${tree(units).map(([unit, depth]) => html`<option value=${unit.id}>${"\u2003".repeat(depth)}${unitName(unit)}</option>`)}</${Kept}></label>`}
    <label class="hidden-label"><span>${t("room.meeting")}</span><${Kept} as="select" start=${filter.meeting} onChange=${(/** @type {any} */ e) => change({ meeting: e.target.value })}>
      <option value="">${t("room.all_meetings")}</option>
      ${[...meetings.values()].map((one) => html`<option value=${one.uid}>${clock(one.start_ms)} ${one.title || t("board.secret")}</option>`)}</${Kept}></label>`;
}

/** Units with their depth, each level by name. @param {Map<number, Unit>} units @returns {[Unit, number][]} */
function tree(units) {
  /** @type {Map<number | null, Unit[]>} */
  const children = new Map();
  for (const unit of units.values()) {
    const parent = unit.parent !== null && units.has(unit.parent) ? unit.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), unit]);
  }
  /** @type {(parent: number | null, depth: number) => [Unit, number][]} */
  const walk = (parent, depth) =>
    (children.get(parent) ?? []).sort((a, b) => collate(a.name, b.name)).flatMap((unit) => [[unit, depth], ...walk(unit.id, depth + 1)]);
  return walk(null, 0);
}

/** @param {{ rooms: Room[], filter: Filter, change: (part: Partial<Filter>) => void }} props */
function States({ rooms, filter, change }) {
  /** @type {Map<number, number>} */
  const alike = new Map();
  for (const room of rooms) {
    const held = states(room);
    alike.set(held, (alike.get(held) ?? 0) + 1);
  }
  const shown = NAMES.map((name) => ({ name, n: [...alike].reduce((sum, [held, n]) => ((held & BIT[name]) === 0 ? sum : sum + n), 0) }));
  return html`<div class="row states" role="group" aria-label=${t("room.state")}>${shown.map(({ name, n }) =>
    n === 0 && filter.state !== name ? null : html`<button class=${`state ${name}`} aria-pressed=${filter.state === name}
      onClick=${() => change({ state: filter.state === name ? "" : name })}>${t(`room.state.${name}`)} <b>${number(n)}</b></button>`)}</div>`;
}

/** The next meetings with their rooms, for the filter: when the rooms are there. @param {boolean} due */
function useMeetings(due) {
  const [found, setFound] = useState(new Map());
  useEffect(() => {
    if (!due) return undefined;
    const load = () =>
      get("/board?limit=20")
        .then((said) => setFound(new Map(said.meetings.map((/** @type {any} */ one) => [one.uid, { ...one, rooms: new Set(one.rooms.map((/** @type {any} */ room) => room.slug)) }]))))
        .catch(() => null);
    load();
    const quiet = [listen("meetings", load), listen("hello", load)];
    return () => quiet.forEach((end) => end());
  }, [due]);
  return found;
}
