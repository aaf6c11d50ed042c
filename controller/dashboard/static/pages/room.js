// One room: what it does and why, what it measures, its people, and what may be asked of it.

import { get } from "../lib/api.js";
import { useLast } from "../lib/last.js";
import { marks, phaseMark } from "../lib/marks.js";
import { stale, useRooms } from "../lib/rooms.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { clock, day, t, when } from "../lib/words.js";
import { Curves } from "./room_curves.js";
import { Journal } from "./room_journal.js";
import { Orders } from "./room_orders.js";
import { Checks, Lamps } from "./room_panel.js";
import { Figures, Loads } from "./room_parts.js";

/** @typedef {{ body: any, received_ms: number, base_ms: number | null }} Part */
/** @typedef {{ room: any, parts: Record<string, Part>, meetings: any[], incidents: any[], maintenance: any[], people: any[], now_ms: number }} Told */

const AGAIN_MS = 5_000;
const DESK = ["admin", "operator"];

/** @param {{ slug: string, rest: string[], me: any }} props */
export function RoomPage({ slug, rest, me }) {
  const { bySlug, known } = useRooms();
  const [told, setTold] = useState(/** @type {Told | null} */ (null));
  const [failed, setFailed] = useState("");
  const last = useLast();
  const load = async () => {
    try {
      setTold(await last(get(`/rooms/${slug}`)));
      setFailed("");
    } catch (error) {
      setFailed(/** @type {Error} */ (error).message);
    }
  };
  useEffect(() => {
    load();
    const mine = (/** @type {any} */ news) => slug in news.rows && load();
    const quiet = [listen("hello", load), listen("rooms", mine), listen("incidents", load)];
    const tick = setInterval(load, AGAIN_MS);
    return () => {
      clearInterval(tick);
      quiet.forEach((end) => end());
    };
  }, [slug]);
  const live = bySlug.get(slug);
  if (told === null) return html`<h1>${live?.name ?? slug}</h1><p role="status">${failed || t("room.loading")}</p>`;
  const old = known && (live === undefined || stale(live));
  // Rooms know meetings by their names in the calendar; people by their titles.
  const named = (/** @type {string} */ text) => told.meetings.reduce((said, one) => said.replaceAll(one.uid, `“${one.secret ? t("board.secret") : one.title}”`), text);
  return html`
    <${Head} told=${told} live=${live} old=${old} failed=${failed} />
    <div class="room">
      <div>
        <${Loads} part=${told.parts["detail/loads"]} letters=${told.parts.state?.body.loads ?? {}} old=${old} named=${named} />
        <${Figures} parts=${told.parts} old=${old} />
      </div>
      <div>
        <${Curves} slug=${slug} />
        <${Checks} part=${told.parts["detail/checks"]} old=${old} />
        <${Journal} slug=${slug} named=${named} meeting=${rest[0] === "journal" ? rest.slice(1).join("/") : ""} />
      </div>
      <div>
        <${Lamps} part=${told.parts["detail/panel"]} old=${old} />
        <${Orders} slug=${slug} told=${told} may=${DESK.includes(me.role)} />
        <${Coming} told=${told} />
        <${Incidents} rows=${told.incidents} />
        <${People} told=${told} />
      </div>
    </div>`;
}

/** @param {{ told: Told, live: any, old: boolean, failed: string }} props */
function Head({ told, live, old, failed }) {
  const state = live === undefined ? null : phaseMark(live);
  const body = told.parts.state?.body ?? {};
  const shown = live === undefined || old ? [] : marks(live);
  return html`<div class="room-head">
    <p class="crumb"><a href="#/rooms">${t("page.nav.rooms")}</a> ${told.room.units.map((/** @type {string} */ name) => html` · ${name}`)}</p>
    <div class="row"><h1>${told.room.name}</h1>
      ${state === null ? null : html`<span class=${`chip big ${state.tone}`}><i>${state.shape}</i> ${state.long}</span>`}
      ${shown.map((mark) => html`<span class=${`chip ${mark.tone}`}><i>${mark.shape}</i> ${mark.long}</span>`)}
      ${body.maintenance ? html`<span class="chip warn">${t("room.state.maintenance")}</span>` : null}
      ${body.help ? html`<span class="chip bad">${t(`help.${body.help}`)}</span>` : null}
      <span class="soft">${told.room.slug} · ${t("room.said", told.parts.state ? when(told.parts.state.received_ms) : "–")} · ${t(`trust.${body.clock ?? "unknown"}`)}</span></div>
    ${old ? html`<p class="lost" role="status">${told.parts.state ? t("room.old", when(told.parts.state.received_ms)) : t("room.never_long")}</p>` : null}
    ${failed ? html`<p class="lost" role="alert">${failed}</p>` : null}
  </div>`;
}

/** @param {{ told: Told }} props */
function Coming({ told }) {
  const plan = told.parts["detail/schedule"]?.body ?? {};
  const known = new Set([...Object.keys(plan.booked ?? {}), ...Object.keys(plan.meetings ?? {})]);
  return html`<section class="card"><h2>${t("room.coming")}</h2>
    ${told.meetings.length === 0 ? html`<p class="soft">${t("room.no_meeting")}</p>` : null}
    <ul class="plain">${told.meetings.map((one) => html`<li><b>${clock(one.start_ms)} ${day(one.start_ms)}</b> ${one.secret ? t("board.secret") : one.title}
      <span class="soft"> ${t(`role.${one.role}`)}</span> ${known.has(one.uid) ? html`<span class="chip good">✓ ${t("room.told")}</span>` : html`<span class="chip warn">? ${t("room.not_told")}</span>`}</li>`)}</ul></section>`;
}

/** @param {{ rows: any[] }} props */
function Incidents({ rows }) {
  const open = rows.filter((one) => one.until_ms === null);
  const over = rows.filter((one) => one.until_ms !== null);
  return html`<section class="card"><h2>${t("page.nav.incidents")}</h2>
    ${rows.length === 0 ? html`<p class="soft">${t("room.no_incident")}</p>` : null}
    <ul class="plain">${open.map((one) => html`<li><a class="bad" href=${`#/incidents/${one.id}`}>■ ${t(`page.inc.${one.code}`)}</a>
      <span class="soft"> ${t("room.from", when(one.from_ms))}${one.expected_ms ? `, ${t("room.expected", when(one.expected_ms))}` : ""}</span></li>`)}
    ${over.slice(0, 8).map((one) => html`<li><a href=${`#/incidents/${one.id}`}>${t(`page.inc.${one.code}`)}</a> <span class="soft">${when(one.from_ms)} – ${clock(one.until_ms)}</span></li>`)}</ul></section>`;
}

/** @param {{ told: Told }} props */
function People({ told }) {
  const { address, dial, provider, circuit, hotline } = told.room;
  return html`<section class="card"><h2>${t("page.nav.people")}</h2>
    <ul class="plain">${told.people.map((one) => html`<li>${t(`contact.${one.part}`)}: <b>${one.name}</b> <${Tel} number=${one.phone} /></li>`)}
    ${provider ? html`<li>${t("contact.provider")}: <b>${provider}</b> ${circuit ? t("room.circuit", circuit) : ""} <${Tel} number=${hotline} /></li>` : null}
    ${address ? html`<li class="soft">${address}</li>` : null}${dial ? html`<li class="soft">${t("room.dial", dial)}</li>` : null}</ul>
    ${told.maintenance.map((one) => html`<p class="chip warn">${t("room.maintained", when(one.from_ms), when(one.until_ms), one.reason)}</p>`)}
  </section>`;
}

/** @param {{ number: string | undefined }} props */
function Tel({ number }) {
  return number ? html`<a class="tel" href=${`tel:${number.replace(/[^+\d]/g, "")}`}>${number}</a>` : null;
}

