// The live session: ONE screen with the queue, the live microphone, the meeting's sites and its incidents. An operator in
// a session does not change pages. Keys 1-9 give the floor to that place in the queue. For a moment after the queue has
// moved a press in it counts for nothing: it was meant for who stood there.

import { act, keep } from "../lib/act.js";
import { get } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { place, useStill } from "../lib/still.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { clock, t, word } from "../lib/words.js";
import { Whole } from "./session-all.js";
import { DeskPanel } from "./session-desk.js";
import { Practice } from "./session-practice.js";
import { Incidents, Missing, Speaking, Tile } from "./session-sites.js";

const EACH_MS = 2_000;
/** More sites than these are shown smaller, so that all are seen at once on a desk's screen. */
const MANY = 60;

/** @param {{ args: string[] }} props */
export function Page({ args }) {
  const [list, setList] = useState(/** @type {any} */ (null));
  const last = useRef("");
  useEffect(() => keep(() => get("/sessions").then(setList).catch(() => null), 30_000, listen, ["meetings"]), []);
  if (list === null) return html`<h1>${t("page.nav.session")}</h1>`;
  if (args[0] === "practice" || booked(list, args[0])) return html`<div class="live"><${Practice} /><${Session} uid="practice" /></div>`;
  const uid = args[0] ?? chosen(list, last.current);
  last.current = uid;
  return html`<div class="live">
    ${list.meetings.length === 0 && !uid ? html`<h1>${t("page.nav.session")}</h1><p class="soft">${t("page.live.none")}</p><p><a href="#/session/practice">${t("page.practice")}</a></p>` : null}
    ${list.meetings.length > 1 || (list.meetings.length === 1 && !uid) ? html`<nav class="row" aria-label=${t("page.live.choose")}>${list.meetings.map(
      (/** @type {any} */ m) => html`<a class="chip" key=${m.uid} href=${`#/session/${encodeURIComponent(m.uid)}`} aria-current=${m.uid === uid ? "true" : undefined}>${clock(m.start_ms)} ${m.secret ? t("board.secret") : m.title}</a>`)}</nav>` : null}
    ${uid ? html`<${Session} uid=${uid} key=${uid} />` : null}</div>`;
}

/** The one that was shown stays as long as it is there; else the one that is on, else the next. @param {any} list @param {string} last */
function chosen({ now_ms, meetings }, last) {
  const real = meetings.filter((/** @type {any} */ one) => !one.practice);
  const [shown, on] = [real.find((/** @type {any} */ one) => one.uid === last), real.find((/** @type {any} */ one) => one.start_ms <= now_ms && now_ms < one.end_ms)];
  return (shown ?? on ?? real[0])?.uid ?? "";
}

/** A practice that somebody booked: it is made with pretended sites, as any. @param {any} list @param {string | undefined} uid */
export const booked = (list, uid) => list.meetings.some((/** @type {any} */ one) => one.uid === uid && one.practice);

/** @param {{ uid: string }} props */
function Session({ uid }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  const path = uid === "practice" ? "/practice" : `/sessions/${encodeURIComponent(uid)}`;
  const still = useStill(told?.queue ?? []);
  const floor = (/** @type {any} */ ask, /** @type {string} */ value) => still && act(`${path}/floor`, { room: ask.room, seat: ask.seat, value }, setSaid);
  useEffect(() => keep(() => get(path).then(setTold).catch((error) => error.message && setSaid(error.message)), EACH_MS, listen, ["rooms", "orders", "incidents"]), []);
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const key = (event) => {
      const typing = /** @type {HTMLElement} */ (event.target).closest("input, select, textarea");
      const ask = told?.queue[Number(event.key) - 1];
      // A key that is held down, or on which something lies, opens no microphone after microphone.
      if (!typing && !event.repeat && ask && !event.ctrlKey && !event.altKey && !event.metaKey) floor(ask, "grant");
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [told, still]);
  if (told === null) return html`<p role="status">${said}</p>`;
  const m = told.meeting;
  const many = told.tiles.length > MANY;
  return html`
    <div class="row"><h1>${m.secret ? t("board.secret") : m.title}</h1><span>${clock(m.start_ms)}–${clock(m.end_ms)}</span>
      ${m.practice ? html`<span class="chip warn">${t("page.live.practice")}</span>` : null}
      <span role="status" class="said">${said}</span></div>
    <div class="floor">
      ${m.secret ? html`<section class="card"><p>${t("page.live.secret")}</p></section>` : html`<${Speaking} tiles=${told.tiles} chair=${m.chair} path=${path} say=${setSaid} />
      <section class="card"><h2>${t("page.live.queue")} (${told.queue.length})</h2>
        ${told.queue.length === 0 ? html`<p class="soft">${t("page.live.empty")}</p>` : null}
        <ol>${told.queue.map((/** @type {any} */ ask, /** @type {number} */ n) => html`<li key=${place(ask)} class="row"><span class="asks"><span class="big"><strong>${n + 1}. ${ask.name}</strong> ${word(ask.seat)}</span>
          <span class="soft">${clock(ask.asked_ms)} · ${t(`page.live.${ask.channel}`)}</span></span>
          <button class="main" aria-disabled=${!still} onClick=${() => floor(ask, "grant")}>${t("page.live.grant")}</button>
          <button aria-disabled=${!still} onClick=${() => floor(ask, "deny")}>${t("page.live.deny")}</button></li>`)}</ol>
        <${Behalf} tiles=${told.tiles} path=${path} say=${setSaid} />
      </section>`}
      <section class="card"><h2>${t("page.live.incidents")}</h2>
        <${Incidents} told=${told} say=${setSaid} />
        <${Missing} told=${told} />
        ${m.secret ? html`<p class="soft">${t("page.live.no_message")}</p>` : html`<${Message} tiles=${told.tiles} path=${path} say=${setSaid} />`}
      </section>
    </div>
    <section aria-label=${t("page.live.sites")} class=${many ? "tiles many" : "tiles"}>${told.tiles.map((/** @type {any} */ tile) => html`<${Tile} tile=${tile} path=${path} say=${setSaid} pretended=${path === "/practice"} key=${tile.slug} />`)}</section>
    <${Whole} path=${path} tiles=${told.tiles} chair=${m.chair} say=${setSaid} />
    <${DeskPanel} path=${path} tiles=${told.tiles} secret=${m.secret} say=${setSaid} />`;
}

/** @param {{ tiles: any[], path: string, say: (text: string) => void }} props */
function Behalf({ tiles, path, say }) {
  /** @param {SubmitEvent} event */
  const send = (event) => {
    event.preventDefault();
    const data = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
    act(`${path}/floor`, { ...data, value: "request" }, say);
  };
  return html`<form class="row" onSubmit=${send} aria-label=${t("page.live.on_behalf")}>
    <${Kept} as="select" name="room" aria-label=${t("page.live.sites")}>${tiles.map((tile) => html`<option value=${tile.slug} key=${tile.slug}>${tile.name}</option>`)}</${Kept}>
    <input name="seat" required maxlength="40" placeholder=${t("page.live.seat")} aria-label=${t("page.live.seat")} />
    <select name="channel" aria-label=${t("page.live.phone")}><option value="phone">${t("page.live.phone")}</option><option value="chat">${t("page.live.chat")}</option></select>
    <button>${t("page.live.enter")}</button></form>`;
}

/** @param {{ tiles: any[], path: string, say: (text: string) => void }} props */
function Message({ tiles, path, say }) {
  /** @param {SubmitEvent} event */
  const send = (event) => {
    event.preventDefault();
    act(`${path}/message`, Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target))), say);
  };
  return html`<form class="row" onSubmit=${send} aria-label=${t("page.live.message")}>
    <${Kept} as="select" name="room" aria-label=${t("page.live.sites")}>${tiles.map((tile) => html`<option value=${tile.slug} key=${tile.slug}>${tile.name}</option>`)}</${Kept}>
    <input name="text" required maxlength="500" placeholder=${t("page.live.message")} aria-label=${t("page.live.message")} /><button>${t("page.live.send")}</button></form>`;
}
