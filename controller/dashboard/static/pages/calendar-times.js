// Wall times of the network's zone (+7 all year) ↔ Unix ms, for form fields and for the grid, whatever zone the browser is in.

import { get } from "../lib/api.js";

const OFFSET_MS = 7 * 3_600_000;

/** `2026-07-15T08:00:00` @param {number} ms */
export const wall = (ms) => new Date(ms + OFFSET_MS).toISOString().slice(0, 19);
/** @param {number} ms */
export const dateOf = (ms) => wall(ms).slice(0, 10);
/** @param {number} ms */
export const timeOf = (ms) => wall(ms).slice(11, 16);
/** NaN while a field is empty. @param {string} date @param {string} time */
export const msOf = (date, time) => Date.parse(`${date}T${time || "00:00"}:00Z`) - OFFSET_MS;

const DAY_MS = 86_400_000;

/** Of one meeting; what would end before it begins ends on the next day. @param {string} date @param {string} from @param {string} to */
export function span(date, from, to) {
  const start_ms = msOf(date, from), end_ms = msOf(date, to);
  return { start_ms, end_ms: end_ms < start_ms ? end_ms + DAY_MS : end_ms };
}

/** A break of that meeting, which may be after midnight. @param {string} date @param {string} begins @param {{ from: string, to: string }} one */
export function within(date, begins, { from, to }) {
  const { start_ms, end_ms } = span(date, from, to);
  const later = start_ms < msOf(date, begins) ? DAY_MS : 0;
  return { start_ms: start_ms + later, end_ms: end_ms + later };
}

/** How far the centre's clock is ahead of this browser's. */
let ahead = 0;

/** Unix ms by the centre's clock, once it was asked. */
export const now = () => Date.now() + ahead;

export async function askClock() {
  const asked = Date.now();
  const { now_ms } = await get("/calendar/now");
  ahead = now_ms - (asked + Date.now()) / 2;
}

/**
 * The offset by which the grid makes the centre's wall time of this browser's clock, with what that clock is wrong by:
 * `+07:00` where it is right. The grid takes two digits of hours.
 */
export function zone() {
  const minutes = Math.round((OFFSET_MS + ahead) / 60_000);
  const size = Math.abs(minutes);
  if (size >= 100 * 60) return "+07:00";
  return `${minutes < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
}

/** What the grid hands back is local time of the browser. @param {Date} local */
export const fromGrid = (local) =>
  Date.UTC(local.getFullYear(), local.getMonth(), local.getDate(), local.getHours(), local.getMinutes()) - OFFSET_MS;
