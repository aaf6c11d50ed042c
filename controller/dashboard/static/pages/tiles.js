// The list of rooms as tiles: 164 fit a screen, of ten thousand those stand in the page that are near what is seen.

import { marks, phaseMark } from "../lib/marks.js";
import { stale } from "../lib/rooms.js";
import { html, useLayoutEffect, useRef, useState } from "../lib/ui.js";
import { brief, t } from "../lib/words.js";

/** @typedef {import("../lib/rooms.js").Room} Room */
/** Tiles in a row; the first that stands in the page, and the first that no longer does. @typedef {{ columns: number, first: number, end: number }} Part */

const GAP = 4;
/** Two lines of a name, one of its state, one of signs. */
const HEIGHT = 62;
const STEP = HEIGHT + GAP;
/** Rows kept above and below what is seen, so that scrolling shows no hole. */
const SPARE = 2;
/** What stands left and right of the list. */
const EDGES = 24;

/** What is seen of the list through a window of this size. @param {number} width @param {number} height @param {number} top @param {number} [spare] @returns {Part} */
function part(width, height, top, spare = 0) {
  const least = width < 600 ? 160 : 150;
  const columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  return { columns, first: Math.max(0, Math.floor(top / STEP) - spare) * columns, end: (Math.ceil((top + height) / STEP) + spare) * columns };
}

/** `of`: what they were chosen by; another choice is looked at from its beginning. @param {{ rooms: Room[], of: string }} props */
export function Tiles({ rooms, of }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const goal = useRef(-1);
  // The window is larger than the list in it: what it would show needs no measuring first.
  const [{ columns, first, end }, setPart] = useState(() => part(innerWidth - EDGES, innerHeight, 0));
  const look = () => {
    const { clientWidth, clientHeight, scrollTop } = /** @type {HTMLElement} */ (box.current);
    const seen = part(clientWidth, clientHeight, scrollTop, 1);
    setPart((was) => (was.columns === seen.columns && was.first <= seen.first && was.end >= seen.end ? was : part(clientWidth, clientHeight, scrollTop, SPARE)));
  };
  // The filters above may have grown by a line.
  useLayoutEffect(() => fill(/** @type {HTMLElement} */ (box.current)), [of, rooms.length]);
  useLayoutEffect(() => {
    const element = /** @type {HTMLElement} */ (box.current);
    const measure = () => {
      fill(element);
      look();
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
  const keys = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    const at = Number(/** @type {HTMLElement} */ (event.target).dataset.n);
    const element = box.current;
    if (by === undefined || Number.isNaN(at) || element === null) return;
    event.preventDefault();
    const next = Math.min(Math.max(at + by, 0), rooms.length - 1);
    const top = Math.floor(next / columns) * STEP;
    goal.current = next;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + STEP > element.scrollTop + element.clientHeight) element.scrollTop = top + STEP - element.clientHeight;
    setPart(part(element.clientWidth, element.clientHeight, element.scrollTop, SPARE));
  };
  return html`<div class="tiles every" ref=${box} onKeyDown=${keys} tabindex="-1">
    <ul style=${{ height: `${Math.ceil(rooms.length / columns) * STEP}px`, paddingTop: `${(first / columns) * STEP}px`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
      aria-label=${t("page.nav.rooms")}>${rooms.slice(first, end).map((room, n) => tile(room, first + n, rooms.length))}</ul></div>`;
}

/** The rest of the screen below the filters; on a phone the page scrolls as well. @param {HTMLElement} element */
function fill(element) {
  const rest = innerHeight - element.getBoundingClientRect().top - scrollY - 14;
  const height = `${Math.round(Math.max(rest, innerHeight * 0.6))}px`;
  if (element.style.height !== height) element.style.height = height;
}

/**
 * Read out as its name and phase, and then in the long words that whoever points at it sees, never as signs.
 * Its lines are one text with breaks, of which a long name takes two: a box for each is what ten thousand rooms would wait for.
 * @param {Room} room @param {number} n @param {number} total
 */
function tile(room, n, total) {
  const state = phaseMark(room);
  const all = marks(room);
  const old = stale(room);
  const worst = old ? "stale" : room.health === "bad" ? "bad" : room.health === "warn" ? "warn" : state.tone;
  const said = [state.long, ...all.map((mark) => mark.long)].join(", ");
  const name = brief(room.name);
  return html`<li key=${room.slug} aria-posinset=${n + 1} aria-setsize=${total}><a class=${`tile ${worst}`} data-n=${n} href=${`#/rooms/${room.slug}`} title=${name.includes("…") ? `${room.name}: ${said}` : said}
    ><b>${name}</b>${"\n"}<i aria-hidden="true">${state.shape}</i>${` ${state.short}`}${room.help === null || old ? null : html` <em class="bad"><i aria-hidden="true">☎</i> ${t("room.calls")}</em>`}${"\n"}<span aria-hidden="true">${signs(all)}</span></a></li>`;
}

/** Those without a colour that stand side by side are one text. @param {import("../lib/marks.js").Mark[]} all */
function signs(all) {
  /** @type {any[]} */
  const parts = [];
  let plain = "";
  for (const { tone, shape, short } of all) {
    if (tone === "") plain += `${shape}${short} `;
    else {
      parts.push(plain, html`<i class=${tone}>${shape + short}</i>`);
      plain = "";
    }
  }
  return [...parts, plain].filter((part) => part !== "");
}
