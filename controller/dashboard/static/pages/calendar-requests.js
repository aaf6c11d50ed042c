// Đăng ký – Duyệt: a unit asks, with what stands in the way shown before; the desk approves or refuses with an answer.

import { get, post } from "../lib/api.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, collate, folded, t, when } from "../lib/words.js";
import { DateField, nextDay, TimeField } from "./calendar-fields.js";
import { History } from "./calendar-meeting.js";
import { Notes } from "./calendar-notes.js";
import { dateOf, span } from "./calendar-times.js";

/** @param {{ me: any, terms: any }} props */
export function Requests({ me, terms }) {
  const [found, setFound] = useState(/** @type {any} */ (null));
  const [asking, setAsking] = useState(false);
  const load = () => get("/requests").then(setFound);
  useEffect(() => { load(); return listen("requests", load); }, []);
  if (found === null) return null;
  return html`<div class="row cal-first"><button onClick=${() => setAsking(!asking)} aria-expanded=${asking}>${t("booking.page.new")}</button></div>
    ${asking ? html`<${Ask} me=${me} terms=${terms} done=${() => { setAsking(false); load(); }} />` : null}
    ${found.requests.length ? null : html`<p>${t("booking.page.none")}</p>`}
    ${found.requests.map((/** @type {any} */ one) => html`<${One} key=${one.id} one=${one} found=${found} load=${load} />`)}`;
}

/** @param {{ one: any, found: any, load: () => void }} props */
function One({ one, found, load }) {
  const [answer, setAnswer] = useState("");
  const [fault, setFault] = useState("");
  const act = (/** @type {string} */ verb, /** @type {any} */ body) => post(`/requests/${one.id}/${verb}`, body).then(load, (error) => setFault(error.message));
  const waits = one.stage === "asked";
  const late = waits && found.now_ms > one.due_ms;
  return html`<section class="card cal-ask" aria-label=${one.content} tabindex="-1">
    <h2>${one.content.split("\n")[0]} <span class=${`chip ${waits ? "warn" : one.stage === "approved" ? "good" : ""}`}>${t(`booking.stage.${one.stage}`)}</span></h2>
    <p><strong>${when(one.start_ms)} – ${clock(one.end_ms)}</strong> · ${one.unit} · ${t("booking.page.document", one.document_no || "–")}</p>
    <p class="soft">${one.rooms.map((/** @type {string} */ it) => found.names[it] ?? it).sort(collate).join(", ")}${one.people ? ` · ${t("booking.page.people", one.people)}` : ""}</p>
    ${waits ? html`<p class=${late ? "bad" : "soft"}>${t("booking.page.due", when(one.due_ms))}</p><${Notes} notes=${one.notes} />` : null}
    ${one.answer ? html`<p>${t("booking.page.answer", one.answer)} <span class="soft">${one.answered_by}</span></p>` : null}
    ${waits && found.decides ? html`<label>${t("booking.field.answer")}<input class="wide" value=${answer} maxlength="2000" onInput=${(/** @type {any} */ e) => setAnswer(e.target.value)} /></label>
` : null}
    ${waits ? html`<div class="row">${found.decides ? html`<button class="main" onClick=${() => act("approve", { answer })}>${t("booking.do.approve")}</button>
      <button onClick=${() => act("refuse", { answer })}>${t("booking.do.refuse")}</button>` : null}
      ${one.mine ? html`<button onClick=${() => act("withdraw", {})}>${t("booking.do.withdraw")}</button>` : null}</div>` : null}
    ${fault ? html`<p class="bad" role="alert">${fault}</p>` : null}
    <details><summary>${t("calendar.page.history")}</summary><${History} lines=${one.history} /></details>
  </section>`;
}

/** @param {{ me: any, terms: any, done: () => void }} props */
function Ask({ me, terms, done }) {
  const [form, setForm] = useState({ unit: "", document_no: "", content: "", kind: "", date: dateOf(me.now_ms + 4 * 86_400_000), from: "08:00", to: "11:00", chair: "", rooms: /** @type {string[]} */ ([]), people: 0 });
  const [seen, setSeen] = useState(/** @type {any} */ (null));
  const [word, setWord] = useState("");
  const [fault, setFault] = useState("");
  const [refused, setRefused] = useState("");
  const set = (/** @type {any} */ part) => setForm((old) => ({ ...old, ...part }));
  const { date, from, to, ...rest } = form;
  const times = span(date, from, to);
  useEffect(() => {
    setRefused("");
    const waits = setTimeout(() => {
      if (!form.rooms.length || !form.date || !form.from || !form.to) return setSeen(null);
      const look = { title: form.content || "?", ...times, members: form.rooms, chair: form.chair, kind: form.kind };
      post(`/meetings/look?people=${form.people}`, look).then((found) => { setSeen(found); setFault(""); }, (error) => setFault(error.message));
    }, 350);
    return () => clearTimeout(waits);
  }, [form]);
  const send = (/** @type {Event} */ event) => {
    event.preventDefault();
    post("/requests", { ...rest, ...times }).then(done, (error) => setRefused(error.message));
  };
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {any} */ more) => html`<label>${t(label)}<input ...${{ value: /** @type {any} */ (form)[name], onInput: (/** @type {any} */ e) => set({ [name]: e.target.type === "number" ? Number(e.target.value) : e.target.value }), ...more }} /></label>`;
  const rooms = [...terms.rooms].sort((a, b) => collate(a.name, b.name));
  const turn = (/** @type {string} */ slug) => set({ rooms: form.rooms.includes(slug) ? form.rooms.filter((it) => it !== slug) : [...form.rooms, slug] });
  return html`<form class="card cal-ask" onSubmit=${send} aria-label=${t("booking.page.new")}>
    <div class="row">${field("unit", "booking.field.unit", { required: true, maxlength: 120 })}${field("document_no", "calendar.field.document_no", { maxlength: 80 })}
      <label>${t("calendar.field.kind")}<select value=${form.kind} onChange=${(/** @type {any} */ e) => set({ kind: e.target.value })}><option value="">–</option>${terms.kinds.map((/** @type {string} */ it) => html`<option value=${it}>${t(`calendar.kind.${it}`)}</option>`)}</select></label>
      ${field("people", "booking.field.people", { type: "number", min: 0 })}</div>
    <label>${t("booking.field.content")}<textarea class="wide" required rows="2" maxlength="2000" value=${form.content} onInput=${(/** @type {any} */ e) => set({ content: e.target.value })}></textarea></label>
    <div class="row"><${DateField} label=${t("calendar.field.date")} value=${form.date} set=${(/** @type {string} */ it) => set({ date: it })} required /><${TimeField} label=${t("calendar.field.from")} value=${form.from} set=${(/** @type {string} */ it) => set({ from: it })} required /><${TimeField} label=${t("calendar.field.to")} note=${nextDay(form)} value=${form.to} set=${(/** @type {string} */ it) => set({ to: it })} required />
      <label>${t("calendar.role.chair")}<select value=${form.chair} onChange=${(/** @type {any} */ e) => set({ chair: e.target.value })}><option value="">–</option>${rooms.map((one) => html`<option value=${one.slug}>${one.name}</option>`)}</select></label></div>
    <fieldset><legend>${t("calendar.field.rooms")} (${form.rooms.length})</legend><input type="search" aria-label=${t("calendar.page.search")} placeholder=${t("calendar.page.search")} value=${word} onInput=${(/** @type {any} */ e) => setWord(e.target.value)} />
      <button type="button" onClick=${() => set({ rooms: rooms.map((one) => one.slug) })}>${t("calendar.page.all")}</button>
      <div class="cal-pick" tabindex="0" role="group" aria-label=${t("calendar.field.rooms")}>${rooms.filter((one) => folded(one.name).includes(folded(word))).map((one) => html`<label class="tick"><input type="checkbox" checked=${form.rooms.includes(one.slug)} onChange=${() => turn(one.slug)} /> ${one.name}</label>`)}</div></fieldset>
    ${seen ? html`<${Notes} notes=${seen.notes} />` : null}<p class="bad" role="alert">${refused || fault}</p>
    <button class="main">${t("booking.do.ask")}</button></form>`;
}
