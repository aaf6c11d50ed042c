// One contact: name, phone, sites with their part, training dates. Deleting asks twice and deletes for good.

import { Kept } from "../lib/kept.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { collate, t, unitName } from "../lib/words.js";
import { DateField } from "./calendar-fields.js";

/** @type {Record<string, string>} */
export const PARTS = { technician: "page.people.part.technician", substitute: "page.people.part.substitute", leader: "page.people.part.leader" };

/** @param {{ person: any, told: any, save: (body: any) => void, remove: () => void, cancel: () => void }} props */
export function Form({ person, told, save, remove, cancel }) {
  const [works, setWorks] = useState(/** @type {any[]} */ (person.rooms ?? []));
  const [trained, setTrained] = useState(/** @type {any[]} */ (person.trained ?? []));
  const [sure, setSure] = useState(false);
  // It stands above a list of hundreds: it comes into sight, and the keyboard with it.
  const first = useRef(/** @type {any} */ (null));
  useEffect(() => first.current.focus(), []);
  const rooms = [...told.rooms].sort((a, b) => collate(a.name, b.name));
  const units = told.units.filter((/** @type {any} */ unit) => unit.merged_into === null).sort((/** @type {any} */ a, /** @type {any} */ b) => collate(a.name, b.name));
  /** @param {any[]} rows @param {number} at @param {any} new_ */
  const put = (rows, at, new_) => rows.map((row, n) => (n === at ? { ...row, ...new_ } : row));
  /** @param {any[]} rows @param {number} at */
  const drop = (rows, at) => rows.filter((_, n) => n !== at);
  /** @param {SubmitEvent} event */
  const send = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const unit = form.get("unit");
    save({ name: form.get("name"), phone: form.get("phone"), email: form.get("email"), unit: unit ? Number(unit) : null, rooms: works, trained });
  };
  return html`<form class="card sheet" onSubmit=${send} aria-label=${t(person.id ? "page.people.edit" : "page.people.add")}>
    <label>${t("page.people.name")}<input name="name" ref=${first} required maxlength="120" defaultValue=${person.name ?? ""} /></label>
    <label>${t("page.people.phone")}<input name="phone" type="tel" maxlength="40" defaultValue=${person.phone ?? ""} /></label>
    <label>${t("page.people.email")}<input name="email" type="email" maxlength="120" defaultValue=${person.email ?? ""} /></label>
    <label>${t("page.people.unit")}<${Kept} as="select" name="unit" start=${person.unit ?? ""}><option value="">–</option>${units.map((/** @type {any} */ u) => html`<option value=${u.id} key=${u.id}>${unitName(u)}</option>`)}</${Kept}></label>
    ${works.map((work, n) => html`<div class="wide row" key=${`w${n}`}>
      <label>${t("page.people.site")}<select value=${work.room} onChange=${(/** @type {any} */ e) => setWorks(put(works, n, { room: e.target.value }))}>${rooms.map((room) => html`<option value=${room.slug} key=${room.slug}>${room.name}</option>`)}</select></label>
      <label>${t("page.users.role")}<select value=${work.part} onChange=${(/** @type {any} */ e) => setWorks(put(works, n, { part: e.target.value }))}>${Object.keys(PARTS).map((part) => html`<option value=${part} key=${part}>${t(PARTS[part])}</option>`)}</select></label>
      <button type="button" onClick=${() => setWorks(drop(works, n))}>${t("page.people.delete")}</button></div>`)}
    ${trained.map((row, n) => html`<div class="wide row" key=${`t${n}`}>
      <${DateField} label=${t("page.people.day")} value=${row.on} set=${(/** @type {string} */ on) => setTrained(put(trained, n, { on }))} required />
      <label>${t("page.people.what")}<input required maxlength="200" value=${row.what} onInput=${(/** @type {any} */ e) => setTrained(put(trained, n, { what: e.target.value }))} /></label>
      <button type="button" onClick=${() => setTrained(drop(trained, n))}>${t("page.people.delete")}</button></div>`)}
    <div class="wide row"><button type="button" disabled=${rooms.length === 0} onClick=${() => setWorks([...works, { room: rooms[0].slug, part: "technician" }])}>${t("page.people.work")}</button>
      <button type="button" onClick=${() => setTrained([...trained, { on: told.day, what: "" }])}>${t("page.people.trained")} +</button></div>
    <div class="wide row"><button class="main">${t("page.people.save")}</button><button type="button" onClick=${cancel}>${t("page.people.cancel")}</button>
      ${person.id ? html`<button type="button" class=${sure ? "bad" : ""} onClick=${() => (sure ? remove() : setSure(true))}>${t(sure ? "page.people.again" : "page.people.delete")}</button>` : null}</div></form>`;
}
