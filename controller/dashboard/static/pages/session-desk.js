// Under the live session: the chair's code, who runs this meeting, the backup main site, the log of the floor.

import { saved } from "../lib/act.js";
import { get, post } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { Qr } from "../lib/qr.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, number, t, when, word } from "../lib/words.js";

/** @type {Record<string, string>} */
const PART = { desk: "page.desk.part.desk", chair: "page.desk.part.chair", backup: "page.desk.part.backup" };
/** @type {Record<string, string>} */
const STEP = { asked: "page.desk.asked", given: "page.desk.given", spoken: "page.desk.spoken", ended: "page.desk.ended" };

/** @param {{ path: string, tiles: any[], secret: boolean, say: (text: string) => void }} props */
export function DeskPanel({ path, tiles, secret, say }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [made, setMade] = useState(/** @type {any} */ (null));
  const ask = () => get(`${path}/desk`).then(setTold).catch((error) => error.message && say(error.message));
  useEffect(() => {
    ask();
    const quiet = [listen("orders", ask), listen("meetings", ask)];
    return () => quiet.forEach((end) => end());
  }, []);
  if (told === null) return null;
  const qr = () => post(`${path}/chair-qr`).then(setMade).catch((error) => say(error.message));
  const away = told.switched?.to === "backup";
  const to = away ? "main" : "backup";
  const there = Object.values(told.switched?.back_s ?? {});
  /** @param {SubmitEvent} event */
  const turn = async (event) => {
    event.preventDefault();
    try {
      const done = await post(`${path}/backup`, { to, reason: new FormData(/** @type {HTMLFormElement} */ (event.target)).get("reason") });
      say(`${t("page.desk.told", done.ordered.length, Object.keys(done.refused).length)}. ${t(`page.desk.calendar.${done.calendar}`)}`);
      await ask();
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
  };
  const pretended = path === "/practice";
  return html`<div class="desk-panel">
    <section class="card">${pretended ? null : html`<h2>${t("page.desk.qr")}</h2>${made === null ? html`<button onClick=${qr}>${t("page.desk.qr")}</button>` : html`<${Qr} made=${made} />`}`}
      <h2>${t("page.desk.backup")}</h2>
      ${told.backup ? html`<p><strong>${told.backup_name}</strong> ${told.switched ? html`<span class=${`chip long ${away ? "warn" : ""}`}>${t(away ? "page.desk.switched" : "page.desk.switched_back", told.switched.by, when(told.switched.at_ms))}</span>` : null}
          ${there.length ? html`<span class="soft">${t("page.desk.there", there.length, Math.max(...there))}</span>` : null}</p>
        <details><summary>${t(away ? "page.desk.back" : "page.desk.switch")}</summary><form class="row" onSubmit=${turn}><input name="reason" required minlength="3" maxlength="500" placeholder=${t("page.desk.reason")} aria-label=${t("page.desk.reason")} /><button>${t(away ? "page.desk.back" : "page.desk.switch")}</button></form></details>` : html`<p class="soft">${t("page.desk.backup_none")}</p>`}</section>
    ${pretended ? null : html`<${Runs} told=${told} path=${path} say=${say} done=${ask} />`}
    ${secret ? null : html`<${Log} path=${path} tiles=${tiles} say=${say} />`}</div>`;
}

/** @param {{ told: any, path: string, say: (text: string) => void, done: () => void }} props */
function Runs({ told, path, say, done }) {
  const part = (/** @type {number} */ id) => told.users.find((/** @type {any} */ one) => one.user === id)?.part ?? "";
  /** @param {SubmitEvent} event */
  const save = async (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const users = told.able.flatMap((/** @type {any} */ one) => (form.get(`u${one.id}`) ? [{ user: one.id, part: form.get(`u${one.id}`) }] : []));
    await saved(post(`${path}/desk`, { users, series: form.get("series") !== null }), say, done);
  };
  return html`<form class="card" onSubmit=${save} aria-label=${t("page.desk.runs")}><h2>${t("page.desk.runs")}</h2>
    ${told.users.length === 0 ? html`<p class="soft">${t("page.desk.all")}</p>` : null}
    ${told.able.map((/** @type {any} */ one) => html`<label class="row" key=${one.id}><${Kept} as="select" name=${`u${one.id}`} start=${part(one.id)}><option value="">–</option>${Object.keys(PART).map((word) => html`<option value=${word} key=${word}>${t(PART[word])}</option>`)}</${Kept}> ${one.name} <span class="soft">${one.unit}</span></label>`)}
    <label class="row"><input type="checkbox" name="series" /> ${t("page.desk.series")}</label><button>${t("page.people.save")}</button></form>`;
}

/** @param {{ path: string, tiles: any[], say: (text: string) => void }} props */
function Log({ path, tiles, say }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  useEffect(() => {
    const ask = () => get(`${path}/floor-log`).then(setTold).catch((error) => error.message && say(error.message));
    ask();
    const timer = setInterval(ask, 10_000);
    return () => clearInterval(timer);
  }, []);
  const name = (/** @type {string} */ slug) => tiles.find((tile) => tile.slug === slug)?.name ?? slug;
  if (told === null) return null;
  return html`<section class="card"><h2>${t("page.desk.log")}</h2>
    ${told.steps.length === 0 ? html`<p class="soft">${t("page.desk.log_none")}</p>` : null}
    <ul class="plain log" tabindex="0" aria-label=${t("page.desk.log")}>${[...told.steps].reverse().map((step, n) => html`<li key=${n}>${clock(step.at_ms)} <strong>${name(step.room)}</strong> ${step.seat ? word(step.seat) : ""} ${t(STEP[step.what] ?? "")}${step.channel ? ` (${t(`page.live.${step.channel}`)})` : ""}</li>`)}</ul>
    ${Object.keys(told.spoken_s).length ? html`<h3>${t("page.desk.total")}</h3><ul class="plain">${Object.entries(told.spoken_s).map(([room, s]) => html`<li key=${room}>${name(room)}: ${t("page.desk.minutes", number(Number(s) / 60, 1))}</li>`)}</ul>` : null}</section>`;
}
