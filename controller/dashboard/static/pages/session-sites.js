// The sites of a live session: who speaks and whose microphone is open besides, a tile for each, who is missing and whom
// to phone, and the incidents with their places.

import { act } from "../lib/act.js";
import { places } from "../lib/places.js";
import { html } from "../lib/ui.js";
import { brief, clock, t } from "../lib/words.js";

/** @typedef {{ slug: string, name: string, reach: string, phase: string, health: string, floor?: string, mic?: string | null, call?: boolean | null }} Site */

/** Who was given the floor, and every other microphone that is open. @param {{ tiles: Site[], chair: string, path: string, say: (text: string) => void }} props */
export function Speaking({ tiles, chair, path, say }) {
  const speaking = tiles.filter((tile) => tile.floor === "live");
  const open = tiles.filter((tile) => tile.mic === "open" && tile.floor !== "live");
  return html`<section class="card"><h2>${t("page.live.speaking")}</h2>
    ${speaking.length === 0 ? html`<p class="soft">${t("page.live.nobody")}</p>` : null}
    ${speaking.map((tile) => html`<p class="big row" key=${tile.slug}><strong>${tile.name}</strong>
      <button onClick=${() => act(`${path}/floor`, { room: tile.slug, value: "end" }, say)}>${t("page.live.end")}</button></p>`)}
    ${open.length === 0 ? null : html`<h3>${t("page.live.mics", open.length)}</h3><ul class="mics">${open.map((tile) => html`<li class="row" key=${tile.slug}><strong>${tile.name}</strong>
      ${tile.slug === chair ? html`<span class="soft">${t("role.chair")}</span>` : html`<button aria-label=${`${t("room.do.mute.muted")}, ${tile.name}`} onClick=${() => act(`${path}/mute`, { room: tile.slug, value: "muted" }, say)}>${t("room.do.mute.muted")}</button>`}</li>`)}</ul>`}
  </section>`;
}

/** @param {{ tile: Site, path: string, say: (text: string) => void, pretended: boolean }} props */
export function Tile({ tile, path, say, pretended }) {
  const open = tile.mic === "open";
  const away = tile.reach !== "here" ? t(`page.live.${tile.reach}`) : tile.call === false ? t("page.live.outside_call") : "";
  const usual = tile.reach === "here" && tile.call !== false && tile.phase === "in_call";
  const edge = tile.reach !== "here" || tile.health === "bad" ? "bad-edge" : tile.health === "warn" || tile.call === false ? "warn-edge" : "";
  const mic = `${t("page.live.mic")}: ${t(open ? "page.live.open" : "page.live.muted")}`;
  return html`<div class=${`site ${edge} ${usual ? "usual" : ""}`} title=${`${tile.name}, ${away || t(`phase.${tile.phase}`)}`}>
    <div>${pretended ? html`<strong>${brief(tile.name)}</strong>` : html`<a href=${`#/rooms/${tile.slug}`}>${brief(tile.name)}</a>`} <span class="soft">${away || t(`room.phase.${tile.phase}`)}</span></div>
    ${tile.mic ? html`<button class=${open ? "mic on" : "mic"} aria-pressed=${open} aria-label=${`${mic}, ${tile.name}`} onClick=${() => act(`${path}/mute`, { room: tile.slug, value: open ? "muted" : "auto" }, say)}><i aria-hidden="true">${open ? "◉" : "⊘"}</i> <span>${mic}</span></button>` : null}</div>`;
}

/** @param {{ told: any, say: (text: string) => void }} props */
export function Incidents({ told, say }) {
  /** @type {Record<string, string>} */
  const names = Object.fromEntries(told.tiles.map((/** @type {Site} */ tile) => [tile.slug, tile.name]));
  const where = (/** @type {string[]} */ rooms) => places(rooms.filter((slug) => slug in names), names);
  if (told.incidents.length === 0) return html`<p class="soft">${t("page.live.no_incident")}</p>`;
  return html`<ul>${told.incidents.map((/** @type {any} */ one) => html`<li class="row" key=${one.id} tabindex="-1">${told.meeting.practice ? t(`page.inc.${one.code}`) : html`<a href=${`#/incidents/${one.id}`}>${t(`page.inc.${one.code}`)}</a>`}
    <strong>${where(one.rooms)}</strong> <span class="soft">${clock(one.from_ms)}</span>${one.asks_expected ? html` <span class="chip warn">? ${t("page.inc.asks")}</span>` : null}
    ${told.meeting.practice ? null : one.stage === "new" ? html`<button aria-label=${`${t("page.inc.stage.received")}, ${t(`page.inc.${one.code}`)}, ${where(one.rooms)}`} onClick=${() => act(`/incidents/${one.id}`, { what: "received" }, say)}>${t("page.inc.stage.received")}</button>` : html`<span class="chip">${t(`page.inc.stage.${one.stage}`)}</span>`}</li>`)}</ul>`;
}

/** @param {{ told: any }} props */
export function Missing({ told }) {
  if (told.missing.length === 0) return null;
  const name = (/** @type {string} */ slug) => told.tiles.find((/** @type {Site} */ tile) => tile.slug === slug)?.name ?? slug;
  return html`<p class="warn">${t("page.live.missing")}: ${told.missing.map((/** @type {string} */ slug, /** @type {number} */ n) => html`${n > 0 ? ", " : ""}${name(slug)}<${Phones} of=${told.people?.[slug]} />`)}</p>`;
}

/** The first two whom one can phone. @param {{ of: { name: string, phone: string }[] | undefined }} props */
export function Phones({ of }) {
  return (of ?? []).slice(0, 2).map((one) => html` <a class="tel" href=${`tel:${one.phone.replace(/[^+\d]/g, "")}`} title=${one.name}>${one.name} ${one.phone}</a>`);
}
