// N20: where somebody has to go, with what, when the room is free, what was tried from afar. By commune, in the order that
// the machine proposes; one tap copies it for the technicians' chat group.

import { get } from "../lib/api.js";
import { copied } from "../lib/copied.js";
import { Kept } from "../lib/kept.js";
import { useLast } from "../lib/last.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, collate, day, t, when } from "../lib/words.js";

/**
 * @typedef {{ incident: number, code: string, from_ms: number, things: { code: string, subject: string }[], text: string }} Defect
 * @typedef {{ room: string, name: string, contact: { name: string, phone: string } | null, grave: boolean, parts: string[],
 *   defects: Defect[], tried: { at_ms: number, verb: string, stage: string, by: string }[],
 *   slot: { from_ms: number, until_ms: number } | null, ready_by_ms: number | null, late: boolean }} Visit
 * @typedef {{ unit: number, name: string, visits: Visit[] }} Area
 * @typedef {{ now_ms: number, people: { id: number, name: string, phone: string }[], areas: Area[] }} Told
 */

const AGAIN_MS = 60_000;

export function Page() {
  const [told, setTold] = useState(/** @type {Told | null} */ (null));
  const [person, setPerson] = useState(0);
  const [said, setSaid] = useState("");
  const last = useLast();
  useEffect(() => {
    const ask = () => last(get(`/trips?person=${person}`)).then(setTold).catch((error) => error.message && setSaid(error.message));
    ask();
    const timer = setInterval(ask, AGAIN_MS);
    const quiet = [listen("incidents", ask), listen("hello", ask)];
    return () => {
      clearInterval(timer);
      quiet.forEach((end) => end());
    };
  }, [person]);
  if (told === null) return html`<h1>${t("page.nav.trips")}</h1><p role="alert" class="bad">${said}</p>`;
  const people = [...told.people].sort((a, b) => collate(a.name, b.name));
  const copy = async () => {
    const text = message(told.areas);
    setSaid((await copied(text)) ? t("page.inc.copied") : text);
  };
  return html`<div class="trips">
    <div class="row"><h1>${t("page.nav.trips")}</h1>
      <label class="row">${t("trips.person")}<${Kept} as="select" start=${person} onChange=${(/** @type {any} */ e) => setPerson(Number(e.target.value))}>
        <option value="0">${t("trips.everybody")}</option>
        ${people.map((one) => html`<option value=${one.id}>${one.name}</option>`)}</${Kept}></label>
      ${told.areas.length === 0 ? null : html`<button onClick=${copy}>${t("page.inc.copy")}</button>`}
      <span role="status" class="soft">${said}</span></div>
    <p class="soft">${t("trips.order")}</p>
    ${told.areas.length === 0 ? html`<p class="soft">${t("trips.none")}</p>` : null}
    <ol>${told.areas.map((area, n) => html`<li key=${`${area.unit} ${area.name}`}><${Stop} area=${area} n=${n + 1} /></li>`)}</ol>
  </div>`;
}

/** @param {{ area: Area, n: number }} props */
function Stop({ area, n }) {
  const parts = [...new Set(area.visits.flatMap((visit) => visit.parts))];
  return html`<section class="card" aria-label=${area.name}>
    <h2>${n}. ${area.name}</h2>
    <p><b>${t("trips.parts")}:</b> ${parts.map((part) => t(`trips.part.${part}`)).join("; ")}</p>
    ${area.visits.map((visit) => html`<${One} visit=${visit} key=${visit.room} />`)}
  </section>`;
}

/** @param {{ visit: Visit }} props */
function One({ visit }) {
  const { contact, defects, tried } = visit;
  return html`<article><h3><a href=${`#/rooms/${visit.room}`}>${visit.name}</a>
      ${visit.grave ? html` <span class="chip bad">■ ${t("trips.grave")}</span>` : null}
      ${visit.late ? html` <span class="chip bad">! ${t("trips.late")}</span>` : null}
      ${contact?.phone ? html` <a class="tel" href=${`tel:${contact.phone}`}>${contact.name} ${contact.phone}</a>` : null}</h3>
    <p>${slot(visit)} · ${needed(visit)}</p>
    <ul>${defects.map((one) => html`<li>${one.incident ? html`<a href=${`#/incidents/${one.incident}`}>${about(one)}</a>` : about(one)}
      <span class="soft"> ${t("room.from", when(one.from_ms))}</span></li>`)}</ul>
    ${tried.length === 0 ? html`<p class="soft">${t("trips.untried")}</p>` : html`<p class="soft">${t("trips.tried")}: ${tried
      .map((one) => `${when(one.at_ms)} ${t(`trips.verb.${one.verb}`)} – ${t(`room.stage.${one.stage}`)} (${one.by})`).join("; ")}</p>`}
  </article>`;
}

/** @param {Visit} visit */
function slot(visit) {
  return visit.slot === null ? t("trips.never_free") : t("trips.free", day(visit.slot.from_ms), clock(visit.slot.from_ms), clock(visit.slot.until_ms));
}

/** @param {Visit} visit */
function needed(visit) {
  return visit.ready_by_ms === null ? t("trips.no_meeting") : t("trips.ready_by", when(visit.ready_by_ms));
}

/** @param {Defect} one */
function about(one) {
  return one.text || one.things.map((thing) => t(`alert.${thing.code}`) + (thing.subject ? ` (${thing.subject})` : "")).join("; ");
}

/** @param {Area[]} areas */
function message(areas) {
  return areas.map((area, n) => [`${n + 1}. ${area.name}`, ...area.visits.map((visit) =>
    `- ${visit.name}: ${visit.defects.map(about).join("; ")}. ${slot(visit)}. ${t("trips.parts")}: ${visit.parts.map((part) => t(`trips.part.${part}`)).join("; ")}`,
  )].join("\n")).join("\n");
}
