// Danh bạ: who is responsible where, training, who stands in today, the code of a site's phone page; units below.

import { saved } from "../lib/act.js";
import { call, get, post } from "../lib/api.js";
import { Qr } from "../lib/qr.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { collate, day, folded, t, unitName } from "../lib/words.js";
import { Form, PARTS } from "./people-form.js";
import { Units } from "./people-units.js";

const SHOWN = 300;
const EDITORS = ["admin", "operator"];

/** @param {{ me: { role: string } }} props */
export function Page({ me }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  const [find, setFind] = useState("");
  const [edited, setEdited] = useState(/** @type {any} */ (null));
  const [link, setLink] = useState(/** @type {any} */ (null));
  const opener = useRef(/** @type {any} */ (null));
  const search = useRef(/** @type {any} */ (null));
  const ask = () => get("/people").then(setTold).catch((error) => error.message && setSaid(error.message));
  useEffect(() => {
    ask();
    return listen("hello", ask);
  }, []);
  if (told === null) return html`<h1>${t("page.nav.people")}</h1><p role="status">${said}</p>`;
  /** @param {Promise<any>} doing @param {string} [done] */
  const run = (doing, done) => saved(doing, setSaid, ask, done);
  const open = (/** @type {any} */ person) => {
    opener.current = document.activeElement;
    setEdited(person);
  };
  // Whoever works by keyboard goes on where the form was opened, or where the list begins when that is gone.
  const close = (/** @type {boolean} */ gone) => {
    setEdited(null);
    (gone ? search.current : opener.current)?.focus();
  };
  const may = EDITORS.includes(me.role);
  const rooms = new Map(told.rooms.map((/** @type {any} */ room) => [room.slug, room.name]));
  const units = new Map(told.units.map((/** @type {any} */ unit) => [unit.id, unitName(unit)]));
  const key = folded(find.trim());
  const fits = (/** @type {any} */ p) => folded([p.name, p.phone, units.get(p.unit) ?? "", ...p.rooms.map((/** @type {any} */ w) => rooms.get(w.room) ?? "")].join(" ")).includes(key);
  const rows = told.people.filter(fits).sort((/** @type {any} */ a, /** @type {any} */ b) => collate(lastName(a.name), lastName(b.name)));
  return html`<h1>${t("page.nav.people")}</h1>
    <div class="row"><input class="search" type="search" ref=${search} value=${find} onInput=${(/** @type {any} */ e) => setFind(e.target.value)} aria-label=${t("page.people.search")} placeholder=${t("page.people.search")} />
      <span class="soft">${t("page.people.found", rows.length, told.people.length)}</span>
      ${may ? html`<button class="main" onClick=${() => open({})}>${t("page.people.add")}</button>` : null}</div>
    <p role="status" class="said">${said}</p>
    ${edited === null ? null : html`<${Form} key=${edited.id ?? 0} person=${edited} told=${told} cancel=${() => close(false)}
      save=${async (/** @type {any} */ body) => (await run(post(edited.id ? `/people/${edited.id}` : "/people", body))) && close(false)}
      remove=${async () => (await run(call("DELETE", `/people/${edited.id}`))) && close(true)} />`}
    ${link === null ? null : html`<section class="card"><h2>${rooms.get(link.slug)}</h2><${Qr} made=${link} /><button onClick=${() => setLink(null)}>${t("page.people.cancel")}</button></section>`}
    <div class="scroll card" tabindex="0" role="region" aria-label=${t("page.nav.people")}><table><thead><tr><th>${t("page.people.name")}</th><th>${t("page.people.phone")}</th><th>${t("page.people.site")}</th><th>${t("page.people.unit")}</th><th>${t("page.people.trained")}</th>${may ? html`<th><span class="soft">${t("page.people.edit")}</span></th>` : null}</tr></thead>
      <tbody>${rows.slice(0, SHOWN).map((/** @type {any} */ p) => html`<tr key=${p.id}><td><strong>${p.name}</strong></td>
        <td>${p.phone ? html`<a href=${`tel:${p.phone.replace(/[^0-9+]/g, "")}`}>${p.phone}</a>` : null}</td>
        <td>${p.rooms.map((/** @type {any} */ w) => html`<span class="chip" key=${w.room + w.part}>${rooms.get(w.room)} · ${t(PARTS[w.part] ?? "")}</span> `)}</td>
        <td>${units.get(p.unit) ?? ""}</td><td>${trained(p)}</td>
        ${may ? html`<td><button aria-label=${`${t("page.people.edit")}: ${p.name}`} onClick=${() => open(p)}>${t("page.people.edit")}</button></td>` : null}</tr>`)}</tbody></table></div>
    ${may ? html`<div class="two-of"><${StandIns} told=${told} run=${run} link=${async (/** @type {string} */ slug) => {
      const made = await run(post(`/links/${slug}`, {}), "");
      if (made) setLink({ ...made, slug });
    }} /><${Units} units=${told.units} run=${run} /></div>` : null}`;
}

/** Vietnamese lists go by the given name, which stands last. @param {string} name */
function lastName(name) {
  const words = name.trim().split(/\s+/);
  return `${words.pop() ?? ""} ${words.join(" ")}`;
}

/** @param {any} person */
function trained(person) {
  const last = person.trained[person.trained.length - 1];
  return last ? `${day(Date.parse(`${last.on}T00:00:00+07:00`))} ${last.what}` : html`<span class="soft">${t("page.people.untrained")}</span>`;
}

/** @param {{ told: any, run: (doing: Promise<any>) => Promise<any>, link: (slug: string) => void }} props */
function StandIns({ told, run, link }) {
  const [slug, setSlug] = useState(told.rooms[0]?.slug ?? "");
  const names = new Map(told.people.map((/** @type {any} */ p) => [p.id, p.name]));
  const now = told.stand_ins.find((/** @type {any} */ one) => one.room === slug);
  const rooms = told.rooms.filter((/** @type {any} */ room) => !room.retired).sort((/** @type {any} */ a, /** @type {any} */ b) => collate(a.name, b.name));
  const put = (/** @type {any} */ e) => run(post("/stand-ins", { room: slug, person: e.target.value ? Number(e.target.value) : null }));
  return html`<section class="card"><h2>${t("page.people.instead")}</h2>
    <div class="sheet"><label>${t("page.people.site")}<select value=${slug} onChange=${(/** @type {any} */ e) => setSlug(e.target.value)}>${rooms.map((/** @type {any} */ r) => html`<option value=${r.slug} key=${r.slug}>${r.name}</option>`)}</select></label>
      <label>${t("page.people.instead")}<select value=${now?.person ?? ""} onChange=${put}><option value="">${t("page.people.nobody")}</option>${told.people.map((/** @type {any} */ p) => html`<option value=${p.id} key=${p.id}>${p.name}</option>`)}</select></label>
      <button disabled=${!slug} onClick=${() => link(slug)}>${t("page.people.link")}</button></div>
    <ul class="plain">${told.stand_ins.map((/** @type {any} */ one) => html`<li key=${one.room}><strong>${rooms.find((/** @type {any} */ r) => r.slug === one.room)?.name}</strong>: ${names.get(one.person)} <span class="soft">${t("page.roll.by")} ${one.by}</span></li>`)}</ul></section>`;
}
