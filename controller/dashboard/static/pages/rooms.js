// Every room as a tile, filtered; 164 fit a screen, ten thousand are a windowed list. `#/rooms/SLUG` is one room.

import { get } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { marks, phaseMark } from "../lib/marks.js";
import { named, phase, stale, useRooms } from "../lib/rooms.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { clock, collate, folded, number, t } from "../lib/words.js";

/** @typedef {import("../lib/rooms.js").Room} Room @typedef {import("../lib/rooms.js").Unit} Unit */
/** @typedef {{ text: string, unit: string, state: string, meeting: string }} Filter */

/** By the room and its phase, which is `unknown` when it is old. @type {Record<string, (room: Room, phase: string) => boolean>} */
const STATES = {
  trouble: (room, phase) => room.health === "bad" && phase !== "unknown",
  look: (room, phase) => room.health === "warn" && phase !== "unknown",
  unknown: (_room, phase) => phase === "unknown",
  battery: (room, phase) => room.power === "battery" && phase !== "unknown",
  help: (room, phase) => room.help !== null && phase !== "unknown",
  in_call: (_room, phase) => phase === "in_call",
  ready: (_room, phase) => phase === "ready",
  powering: (_room, phase) => phase === "powering",
  off: (_room, phase) => phase === "off" || phase === "closing" || phase === "stopped",
  bypass: (_room, phase) => phase === "bypass",
  maintenance: (room, phase) => room.maintenance === true && phase !== "unknown",
};
const NAMES = Object.keys(STATES);

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
  const shown = rooms.filter((room) => fits(room, filter, below, meetings));
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
  if (filter.state !== "" && !STATES[filter.state](room, phase(room))) return false;
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
      ${tree(units).map(([unit, depth]) => html`<option value=${unit.id}>${"\u2003".repeat(depth)}${unit.name}</option>`)}</${Kept}></label>`}
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
  const shown = NAMES.map((name) => ({ name, is: STATES[name], n: 0 }));
  for (const room of rooms) {
    const now = phase(room);
    for (const one of shown) if (one.is(room, now)) one.n += 1;
  }
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

const GAP = 4;
const HEIGHT = 60;
/** Rows kept above and below what is seen, so that scrolling shows no hole. */
const SPARE = 2;

/** `of`: what they were chosen by; another choice is looked at from its beginning. @param {{ rooms: Room[], of: string }} props */
function Tiles({ rooms, of }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const goal = useRef(-1);
  const [size, setSize] = useState({ width: 0, height: 0, top: 0 });
  // The filters above may have grown by a line.
  useLayoutEffect(() => fill(/** @type {HTMLElement} */ (box.current)), [of, rooms.length]);
  useLayoutEffect(() => {
    const element = /** @type {HTMLElement} */ (box.current);
    const measure = () => {
      fill(element);
      const now = { width: element.clientWidth, height: element.clientHeight, top: element.scrollTop };
      setSize((was) => (was.width === now.width && was.height === now.height && was.top === now.top ? was : now));
    };
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    addEventListener("resize", measure);
    element.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      watch.disconnect();
      removeEventListener("resize", measure);
      element.removeEventListener("scroll", measure);
    };
  }, []);
  useLayoutEffect(() => void (/** @type {HTMLElement} */ (box.current).scrollTop = 0), [of]);
  useLayoutEffect(() => {
    if (goal.current < 0) return;
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector(`[data-n="${goal.current}"]`))?.focus();
    goal.current = -1;
  });
  const least = size.width < 600 ? 160 : 150;
  const columns = Math.max(1, Math.floor((size.width + GAP) / (least + GAP)));
  const step = HEIGHT + GAP;
  const first = Math.max(0, Math.floor(size.top / step) - SPARE) * columns;
  const end = size.width === 0 ? 0 : (Math.ceil((size.top + size.height) / step) + SPARE) * columns;
  const keys = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    const at = Number(/** @type {HTMLElement} */ (event.target).dataset.n);
    const element = box.current;
    if (by === undefined || Number.isNaN(at) || element === null) return;
    event.preventDefault();
    const next = Math.min(Math.max(at + by, 0), rooms.length - 1);
    const top = Math.floor(next / columns) * step;
    goal.current = next;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + step > element.scrollTop + element.clientHeight) element.scrollTop = top + step - element.clientHeight;
    setSize({ width: element.clientWidth, height: element.clientHeight, top: element.scrollTop });
  };
  return html`<div class="tiles" ref=${box} onKeyDown=${keys} tabindex="-1">
    <ul style=${{ height: `${Math.ceil(rooms.length / columns) * step}px`, paddingTop: `${(first / columns) * step}px`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
      aria-label=${t("page.nav.rooms")}>${rooms.slice(first, end).map((room, n) => html`<${Tile} key=${room.slug} room=${room} n=${first + n} total=${rooms.length} />`)}</ul></div>`;
}

/** The rest of the screen below the filters; on a phone the page scrolls as well. @param {HTMLElement} element */
function fill(element) {
  const rest = innerHeight - element.getBoundingClientRect().top - scrollY - 14;
  const height = `${Math.round(Math.max(rest, innerHeight * 0.6))}px`;
  if (element.style.height !== height) element.style.height = height;
}

/** Read out as its name and phase, and then in the long words that whoever points at it sees, never as signs. @param {{ room: Room, n: number, total: number }} props */
function Tile({ room, n, total }) {
  const state = phaseMark(room);
  const all = marks(room);
  const worst = stale(room) ? "stale" : room.health === "bad" ? "bad" : room.health === "warn" ? "warn" : state.tone;
  const said = [state.long, ...all.map((mark) => mark.long)].join(", ");
  return html`<li aria-posinset=${n + 1} aria-setsize=${total}>
    <a class=${`tile ${worst}`} data-n=${n} href=${`#/rooms/${room.slug}`} title=${said}>
      <b>${room.name}</b>
      <span class="phase"><i aria-hidden="true">${state.shape}</i> ${state.short}${room.help === null || stale(room) ? null : html` <em class="bad"><i aria-hidden="true">☎</i> ${t("room.calls")}</em>`}</span>
      <span class="marks" aria-hidden="true">${all.map((mark) => (mark.tone === "" ? `${mark.shape}${mark.short} ` : html`<i class=${mark.tone}>${mark.shape + mark.short}</i>`))}</span>
    </a></li>`;
}
