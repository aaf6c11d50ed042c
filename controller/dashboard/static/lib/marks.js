// How a state is shown wherever it is shown: a shape and a word first, a colour second.

import { phase, stale } from "./rooms.js";
import { t } from "./words.js";

/** @typedef {import("./rooms.js").Room} Room */
/** @typedef {{ tone: "" | "good" | "warn" | "bad", shape: string, short: string, long: string }} Mark */

/** @type {Record<string, [Mark["tone"], string]>} */
const PHASES = {
  off: ["", "○"],
  powering: ["warn", "◔"],
  ready: ["good", "●"],
  in_call: ["good", "▶"],
  closing: ["", "◕"],
  stopped: ["warn", "◌"],
  bypass: ["warn", "☞"],
  unknown: ["warn", "?"],
};

/** @param {Room} room @returns {Mark} */
export function phaseMark(room) {
  const name = phase(room);
  const [tone, shape] = PHASES[name] ?? PHASES.unknown;
  return { tone, shape, short: t(`room.phase.${name}`), long: t(`phase.${name}`) };
}

/** Health, power, line and floor, always in this order. @param {Room} room @returns {Mark[]} */
export function marks(room) {
  if (stale(room)) {
    const code = room.received_ms === 0 ? "room.never" : room.gasp ? "room.gasp" : "room.away";
    return [{ tone: "warn", shape: "?", short: t(code), long: t(code) }];
  }
  return [health(room), power(room), line(room), floor(room)];
}

/** @param {Room} room @returns {Mark} */
function health(room) {
  const what = room.incidents.map((code) => t(`alert.${code}`)).join("; ");
  if (room.health === "bad") return { tone: "bad", shape: "■", short: "", long: what || t("room.health.bad") };
  if (room.health === "warn") return { tone: "warn", shape: "▲", short: "", long: what || t("room.health.warn") };
  if (room.health === "good") return { tone: "good", shape: "✓", short: "", long: t("room.health.good") };
  return { tone: "warn", shape: "?", short: "", long: t("room.unknown") };
}

/** @param {Room} room @returns {Mark} */
function power(room) {
  const tone = room.power === "mains" ? "" : "warn";
  const shape = room.power === "mains" ? "≈" : room.power === "battery" ? "▮" : "?";
  return { tone, shape, short: t(`room.power.${room.power ?? "unknown"}`), long: t(`power.${room.power ?? "unknown"}`) };
}

/** @param {Room} room @returns {Mark} */
function line(room) {
  if (room.line === null) return { tone: "", shape: "–", short: t("room.line.none"), long: t("room.line.none_long") };
  const tone = room.line === "good" ? "" : room.line === "slow" || room.line === "far_end" ? "warn" : "bad";
  const shape = room.line === "good" ? "↔" : tone === "bad" ? "✕" : "~";
  return { tone, shape, short: t(`room.line.${room.line}`), long: `${t("thing.line")}: ${t(`line.${room.line}`)}` };
}

/** @param {Room} room @returns {Mark} */
function floor(room) {
  if (room.floor === "live") return { tone: "good", shape: "◉", short: t("room.floor.live"), long: t("room.floor.live_long") };
  if (room.asks.length > 0) return { tone: "warn", shape: "↑", short: t("room.floor.asks"), long: t("room.floor.asks_long") };
  if (room.floor === null) return { tone: "", shape: "–", short: t("room.floor.none"), long: t("room.floor.none_long") };
  return { tone: "", shape: "⊘", short: t("room.floor.closed"), long: t("room.floor.closed_long") };
}
