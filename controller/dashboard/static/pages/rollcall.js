// Roll-call: sites by doubt, so that the desk calls only those where it matters. H ticks the picture, T the sound, both
// ways; K the technician; arrows move.

import { act, keep } from "../lib/act.js";
import { get } from "../lib/api.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { clock, t, word } from "../lib/words.js";
import { Whole } from "./session-all.js";
import { booked } from "./session.js";
import { Practice } from "./session-practice.js";
import { Phones } from "./session-sites.js";

/** @type {Record<string, string[]>} */
const KEYS = { h: ["picture_in", "picture_out"], t: ["sound_in", "sound_out"], k: ["technician"] };

/** @param {{ args: string[] }} props */
export function Page({ args }) {
  const [list, setList] = useState(/** @type {any} */ (null));
  useEffect(() => keep(() => get("/sessions").then(setList).catch(() => null), 30_000, listen, ["meetings"]), []);
  if (list === null) return html`<h1>${t("page.nav.rollcall")}</h1>`;
  const asked = args[0] ?? list.meetings.find((/** @type {any} */ one) => !one.practice)?.uid ?? "";
  const uid = booked(list, asked) ? "practice" : asked;
  return html`<div class="roll"><h1>${t("page.nav.rollcall")}</h1>${uid === "practice" ? html`<${Practice} />` : null}
    <nav class="row" aria-label=${t("page.live.choose")}>${list.meetings.map((/** @type {any} */ m) => html`<a class="chip" key=${m.uid} href=${`#/rollcall/${encodeURIComponent(m.uid)}`} aria-current=${m.uid === asked ? "true" : undefined}>${clock(m.start_ms)} ${m.title}</a>`)}</nav>
    ${uid ? html`<${Sheet} uid=${uid} key=${uid} />` : html`<p class="soft">${t("page.live.none")}</p><p><a href="#/rollcall/practice">${t("page.practice")}</a></p>`}</div>`;
}

/** @param {{ uid: string }} props */
function Sheet({ uid }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  // By its name: the list is sorted anew while somebody ticks, and a tick is for the site that was looked at.
  const [here, setHere] = useState("");
  const table = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => table.current?.querySelector("tr.here")?.scrollIntoView({ block: "nearest" }), [here]);
  const meeting = uid === "practice" ? "/practice" : `/sessions/${encodeURIComponent(uid)}`;
  const path = `${meeting}/rollcall`;
  const hear = (/** @type {any} */ found) => {
    setTold(found);
    setHere((was) => was || (found.rows[0]?.slug ?? ""));
  };
  const ask = () => get(path).then(hear).catch((error) => error.message && setSaid(error.message));
  useEffect(() => keep(ask, 5_000, listen, ["ticks", "rooms"]), []);
  if (told === null) return html`<p role="status">${said}</p>`;
  /** @param {any} row @param {string} item */
  const tick = async (row, item) => {
    const verdict = row.ticks[item]?.verdict === "ok" ? "bad" : "ok";
    await act(path, { room: row.slug, item, verdict }, setSaid);
    await ask();
  };
  const at = Math.max(0, told.rows.findIndex((/** @type {any} */ row) => row.slug === here));
  const move = (/** @type {number} */ n) => setHere(told.rows[n].slug);
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    const row = told.rows[at];
    const items = KEYS[event.key.toLowerCase()];
    if (row === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "ArrowDown") move(Math.min(at + 1, told.rows.length - 1));
    else if (event.key === "ArrowUp") move(Math.max(at - 1, 0));
    else if (items === undefined) return;
    else if (!event.repeat) {
      setHere(row.slug);
      items.forEach((item) => tick(row, item));
    }
    event.preventDefault();
  };
  return html`<p class="soft">${t("page.roll.keys")}</p><p role="status">${said}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${t("page.nav.rollcall")} ref=${table} onKeyDown=${key}><table><thead><tr><th>${t("page.live.sites")}</th><th>${t("page.roll.doubt")}</th>${told.items.map((/** @type {string} */ item) => html`<th>${t(`page.roll.${item}`)}</th>`)}</tr></thead>
      <tbody>${told.rows.map((/** @type {any} */ row, /** @type {number} */ n) => html`<tr key=${row.slug} class=${n === at ? "here" : ""} onClick=${() => setHere(row.slug)}>
        <td><strong>${row.name}</strong> <span class=${row.reach === "here" ? "soft" : "bad"}>${t(row.reach === "here" ? `phase.${row.phase}` : `page.live.${row.reach}`)}</span></td>
        <td>${row.found.map((/** @type {string[]} */ [what, verdict]) => html`<span class="chip warn">${word(what)}: ${t(`checked.${verdict}`)}</span> `)}<${Phones} of=${told.people?.[row.slug]} /></td>
        ${told.items.map((/** @type {string} */ item) => {
          const done = row.ticks[item];
          return html`<td><button aria-pressed=${done?.verdict === "ok"} class=${done ? (done.verdict === "ok" ? "good" : "bad") : ""} title=${done ? `${t("page.roll.by")} ${done.by} ${clock(done.at_ms)}` : ""} aria-label=${`${done ? t(`page.roll.${done.verdict}`) : "–"} ${row.name}: ${t(`page.roll.${item}`)}`} onClick=${() => tick(row, item)}>${done ? t(`page.roll.${done.verdict}`) : "–"}</button></td>`;
        })}</tr>`)}</tbody></table></div>
    <${Whole} path=${meeting} tiles=${told.rows} chair="" say=${setSaid} roll />`;
}
