// Calendars of others: a file to import, addresses that are read again and again; and addresses of our own to subscribe to.

import { call, get, post } from "../lib/api.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { collate, t, when } from "../lib/words.js";

/** @param {{ terms: any, done: () => void }} props */
export function Exchange({ terms }) {
  const [found, setFound] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  const [fault, setFault] = useState("");
  const [rooms, setRooms] = useState(/** @type {string[]} */ ([]));
  const [everyone, setEveryone] = useState(false);
  const [chair, setChair] = useState("");
  const load = () => get("/exchange").then(setFound);
  useEffect(() => void load(), []);
  const all = [...terms.rooms].sort((a, b) => collate(a.name, b.name));
  const whose = { rooms, everyone, chair };
  const good = (/** @type {string} */ text) => { setSaid(text); setFault(""); load(); };
  const bad = (/** @type {Error} */ error) => { setFault(error.message); setSaid(""); };
  const file = async (/** @type {any} */ event) => {
    event.preventDefault();
    const chosen = new FormData(event.target).get("file");
    const text = chosen instanceof File ? await chosen.text() : "";
    post("/exchange/import", { text, name: chosen instanceof File ? chosen.name : "", ...whose }).then((it) => good(t("exchange.page.imported", it.count)), bad);
  };
  const subscribe = (/** @type {any} */ event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    post("/exchange/subscriptions", { name: form.get("name"), url: form.get("url"), ...whose }).then(() => good(t("exchange.page.subscribed")), bad);
  };
  const feed = (/** @type {any} */ event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    post("/exchange/feeds", { room: form.get("room"), note: form.get("note") }).then((it) => good(t("exchange.page.feed", it.url)), bad);
  };
  if (found === null) return null;
  return html`<div class="cal-ask"><p role="status" class="good">${said}</p><p role="alert" class="bad">${fault}</p>
    <section class="card"><h2>${t("exchange.page.whose")}</h2><p class="soft">${t("exchange.page.whose_about")}</p>
      <div class="row"><label class="tick"><input type="checkbox" checked=${everyone} onChange=${() => setEveryone(!everyone)} /> ${t("calendar.field.everyone")}</label>
        <label>${t("calendar.role.chair")}<select value=${chair} onChange=${(/** @type {any} */ e) => setChair(e.target.value)}><option value="">–</option>${all.map((one) => html`<option value=${one.slug}>${one.name}</option>`)}</select></label></div>
      ${everyone ? null : html`<div class="cal-pick" tabindex="0" role="group" aria-label=${t("calendar.field.rooms")}>${all.map((one) => html`<label class="tick"><input type="checkbox" checked=${rooms.includes(one.slug)} onChange=${() => setRooms(rooms.includes(one.slug) ? rooms.filter((it) => it !== one.slug) : [...rooms, one.slug])} /> ${one.name}</label>`)}</div>`}</section>
    <section class="card"><h2>${t("exchange.page.file")}</h2><form class="row" onSubmit=${file}><label>${t("exchange.field.file")}<input type="file" name="file" accept=".ics,text/calendar" required /></label><button class="main">${t("exchange.do.import")}</button></form></section>
    <section class="card"><h2>${t("exchange.page.subscriptions")}</h2><form class="row" onSubmit=${subscribe}><label>${t("exchange.field.name")}<input name="name" required maxlength="120" /></label><label>${t("exchange.field.url")}<input name="url" type="url" required maxlength="500" /></label><button>${t("exchange.do.subscribe")}</button></form>
      <ul>${found.subscriptions.map((/** @type {any} */ one) => html`<li><strong>${one.name}</strong> <span class="soft">${one.url}</span> ${one.fault ? html`<span class="chip warn">▲ ${t(one.fault, ...one.told)}</span>` : null}
        ${one.read_ms ? html` ${t("exchange.page.read", when(one.read_ms))}` : null} <button onClick=${() => call("DELETE", `/exchange/subscriptions/${one.id}`).then(() => good(""), bad)}>${t("exchange.do.remove")}</button></li>`)}</ul></section>
    <section class="card"><h2>${t("exchange.page.feeds")}</h2><p class="soft">${t("exchange.page.feeds_about")}</p><form class="row" onSubmit=${feed}><label>${t("exchange.field.room")}<select name="room"><option value="">${t("calendar.field.everyone")}</option>${all.map((one) => html`<option value=${one.slug}>${one.name}</option>`)}</select></label><label>${t("exchange.field.note")}<input name="note" maxlength="200" /></label><button>${t("exchange.do.feed")}</button></form>
      <ul>${found.feeds.map((/** @type {any} */ one) => html`<li>${one.room ? (all.find((it) => it.slug === one.room)?.name ?? one.room) : t("calendar.field.everyone")} ${one.note} <span class="soft">${one.by}, ${when(one.made_ms)}</span> <button onClick=${() => call("DELETE", `/exchange/feeds/${one.id}`).then(() => good(""), bad)}>${t("exchange.do.remove")}</button></li>`)}</ul></section>
    <${Holidays} good=${good} bad=${bad} /></div>`;
}

/** @param {{ good: (text: string) => void, bad: (error: Error) => void }} props */
function Holidays({ good, bad }) {
  const [form, setForm] = useState(/** @type {any} */ (null));
  useEffect(() => void get("/exchange/holidays").then(setForm), []);
  if (form === null) return null;
  const send = (/** @type {Event} */ event) => {
    event.preventDefault();
    post("/exchange/holidays", { text: form.text, decision: form.decision }).then(() => good(t("exchange.page.holidays_kept")), bad);
  };
  return html`<section class="card"><h2>${t("exchange.page.holidays")}</h2><p class="soft">${t("exchange.page.holidays_about")}</p><form onSubmit=${send}>
    <label>${t("exchange.field.holidays")}<textarea class="wide" rows="5" disabled=${!form.may} value=${form.text} onInput=${(/** @type {any} */ e) => setForm({ ...form, text: e.target.value })}></textarea></label>
    <label>${t("exchange.field.decision")}<input required disabled=${!form.may} value=${form.decision} maxlength="120" onInput=${(/** @type {any} */ e) => setForm({ ...form, decision: e.target.value })} /></label>
    ${form.may ? html`<button>${t("exchange.do.keep")}</button>` : null}</form></section>`;
}
