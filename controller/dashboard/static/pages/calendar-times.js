// Wall times of the network's zone (+7 all year) ↔ Unix ms, for form fields and for the grid, whatever zone the browser is in.

const OFFSET_MS = 7 * 3_600_000;

/** `2026-07-15T08:00:00` @param {number} ms */
export const wall = (ms) => new Date(ms + OFFSET_MS).toISOString().slice(0, 19);
/** @param {number} ms */
export const dateOf = (ms) => wall(ms).slice(0, 10);
/** @param {number} ms */
export const timeOf = (ms) => wall(ms).slice(11, 16);
/** NaN while a field is empty. @param {string} date @param {string} time */
export const msOf = (date, time) => Date.parse(`${date}T${time || "00:00"}:00Z`) - OFFSET_MS;
/** What the grid hands back is local time of the browser. @param {Date} local */
export const fromGrid = (local) =>
  Date.UTC(local.getFullYear(), local.getMonth(), local.getDate(), local.getHours(), local.getMinutes()) - OFFSET_MS;
