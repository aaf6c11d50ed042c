// Which rooms, in which part, with whom at the devices and which frames.

import { html, useState } from "../lib/ui.js";
import { collate, folded, t } from "../lib/words.js";

const PARTS = ["chair", "desk", "backup", "presenter"];

/** @param {{ terms: any, form: any, set: (part: any) => void }} props */
export function Rooms({ terms, form, set }) {
  const [word, setWord] = useState("");
  const rooms = [...terms.rooms].sort((a, b) => collate(a.name, b.name));
  const shown = rooms.filter((one) => folded(one.name).includes(folded(word)) || one.slug.includes(folded(word)));
  const chosen = new Set(form.members);
  const turn = (/** @type {string} */ slug) => set({ members: chosen.has(slug) ? form.members.filter((/** @type {string} */ it) => it !== slug) : [...form.members, slug] });
  const all = () => set({ members: [...new Set([...form.members, ...shown.map((one) => one.slug)])] });
  const there = rooms.filter((one) => form.everyone || chosen.has(one.slug) || PARTS.some((part) => form[part] === one.slug));
  return html`<div>
    <div class="row">${PARTS.map((part) => part === "presenter" && form.policy !== "presenter" ? null : html`<label>${t(`calendar.role.${part}`)}<select value=${form[part]} onChange=${(/** @type {any} */ e) => set({ [part]: e.target.value })}>
      <option value="">–</option>${rooms.map((one) => html`<option value=${one.slug}>${one.name}</option>`)}</select></label>`)}</div>
    <fieldset><legend>${t("calendar.field.rooms")} (${form.everyone ? rooms.length : chosen.size})</legend>
      <div class="row"><label class="tick"><input type="checkbox" checked=${form.everyone} onChange=${() => set({ everyone: !form.everyone })} /> ${t("calendar.field.everyone")}</label>
      ${form.everyone ? null : html`<input type="search" placeholder=${t("calendar.page.search")} aria-label=${t("calendar.page.search")} value=${word} onInput=${(/** @type {any} */ e) => setWord(e.target.value)} />
        <button type="button" onClick=${all}>${t("calendar.page.all")}</button><button type="button" onClick=${() => set({ members: [] })}>${t("calendar.page.none")}</button>`}</div>
      ${form.everyone ? null : html`<div class="cal-pick" tabindex="0" role="group" aria-label=${t("calendar.field.rooms")}>${shown.map((one) => html`<label class="tick"><input type="checkbox" checked=${chosen.has(one.slug)} onChange=${() => turn(one.slug)} /> ${one.name}</label>`)}</div>`}
    </fieldset>
    <details><summary>${t("calendar.field.crew")}</summary><div class="cal-pick" tabindex="0" role="group" aria-label=${t("calendar.field.crew")}>${there.map((one) => html`<${Crew} one=${one} terms=${terms} form=${form} set=${set} />`)}</div></details>
    <details><summary>${t("calendar.field.seats")}</summary><${Seats} rooms=${there} form=${form} set=${set} /></details>
  </div>`;
}

/** @param {{ one: any, terms: any, form: any, set: (part: any) => void }} props */
function Crew({ one, terms, form, set }) {
  const own = terms.crew[one.slug] ?? { technician: "", substitute: "" };
  const now = form.crew[one.slug] ?? { technician: "", substitute: "" };
  const put = (/** @type {any} */ part) => set({ crew: { ...form.crew, [one.slug]: { ...now, ...part } } });
  return html`<div class="row"><span class="cal-name">${one.name}</span>${["technician", "substitute"].map((part) => html`
    <input aria-label=${`${t(`calendar.field.${part}`)} ${one.name}`} placeholder=${own[part] || t(`calendar.field.${part}`)} value=${now[part]} maxlength="120" onInput=${(/** @type {any} */ e) => put({ [part]: e.target.value })} />`)}</div>`;
}

/** @param {{ rooms: any[], form: any, set: (part: any) => void }} props */
function Seats({ rooms, form, set }) {
  const put = (/** @type {number} */ n, /** @type {any} */ part) => set({ seats: form.seats.map((/** @type {any} */ it, /** @type {number} */ k) => (k === n ? { ...it, ...part } : it)) });
  return html`${form.seats.map((/** @type {any} */ it, /** @type {number} */ n) => html`<div class="row">
      <select aria-label=${t("calendar.field.rooms")} value=${it.room} onChange=${(/** @type {any} */ e) => put(n, { room: e.target.value })}><option value="">${t("calendar.field.everyone")}</option>${rooms.map((one) => html`<option value=${one.slug}>${one.name}</option>`)}</select>
      <input aria-label=${t("calendar.field.seat")} placeholder=${t("calendar.field.seat")} pattern="[a-z0-9_]+" required value=${it.seat} onInput=${(/** @type {any} */ e) => put(n, { seat: e.target.value })} />
      <input type="number" min="0" max="254" required aria-label=${t("calendar.field.preset")} value=${it.preset} onInput=${(/** @type {any} */ e) => put(n, { preset: Number(e.target.value) })} />
      <button type="button" aria-label=${t("calendar.page.remove")} onClick=${() => set({ seats: form.seats.filter((/** @type {any} */ _, /** @type {number} */ k) => k !== n) })}>×</button></div>`)}
    <button type="button" onClick=${() => set({ seats: [...form.seats, { room: "", seat: "", preset: 1 }] })}>${t("calendar.page.add_seat")}</button>`;
}
