// The form of a meeting. What stands in the way is said while one types, and forbids nothing.

import { post } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { repeats } from "../lib/repeats.js";
import { useLast } from "../lib/last.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/ui.js";
import { t, when } from "../lib/words.js";
import { DateField, nextDay, TimeField } from "./calendar-fields.js";
import { Notes } from "./calendar-notes.js";
import { Rooms } from "./calendar-rooms.js";
import { dateOf, msOf, now, span, timeOf, within } from "./calendar-times.js";

const DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
const POLICIES = ["chair_led", "open", "presenter", "outside"];
const FLAGS = ["tentative", "secret", "external", "practice"];
const WAIT_MS = 350;
const BLANK = {
  title: "", kind: "", document_no: "", members: /** @type {string[]} */ ([]), everyone: false, chair: "", desk: "", backup: "", presenter: "",
  policy: "chair_led", secret: false, external: false, practice: false, tentative: false, numbers: /** @type {string[]} */ ([]),
  breaks: /** @type {any[]} */ ([]), seats: /** @type {any[]} */ ([]), rule: "", until: "", crew: /** @type {Record<string, any>} */ ({}),
};

/** Eight o'clock of tomorrow, unless a day was chosen. @param {any} one @param {string} scope @param {number | undefined} start_ms */
function first(one, scope, start_ms) {
  if (one) {
    const form = scope === "whole" || !one.repeats ? one.series_form : one.form;
    const { status, start_ms: begin, end_ms: end, ...rest } = form;
    return { ...BLANK, ...rest, tentative: status === "TENTATIVE", crew: one.crew, rule: one.rule, until: one.until_ms ? dateOf(one.until_ms) : "",
      date: dateOf(begin), from: timeOf(begin), to: timeOf(end), breaks: form.breaks.map((/** @type {any} */ it) => ({ from: timeOf(it.start_ms), to: timeOf(it.end_ms) })) };
  }
  const at = start_ms ?? now() + 86_400_000;
  const hour = start_ms && timeOf(start_ms) !== "00:00" ? timeOf(start_ms) : "08:00";
  return { ...BLANK, date: dateOf(at), from: hour, to: timeOf(msOf(dateOf(at), hour) + 2 * 3_600_000) };
}

/** What is sent again, because no answer came, is the same meeting. No `randomUUID`: the page may come without TLS. */
const newKey = () => [...crypto.getRandomValues(new Uint8Array(10))].map((it) => it.toString(16).padStart(2, "0")).join("");

/** As the centre takes it. @param {any} form @param {boolean} single */
function body(form, single) {
  const { date, from, to, until, breaks, ...rest } = form;
  const crew = Object.fromEntries(Object.entries(rest.crew).filter(([slug]) => rest.everyone || rest.members.includes(slug) || slug === rest.chair));
  return { ...rest, crew, rule: single ? "" : rest.rule, ...span(date, from, to),
    until_ms: until && rest.rule ? msOf(until, "23:59") : null,
    breaks: breaks.filter((/** @type {any} */ it) => it.from && it.to).map((/** @type {any} */ it) => within(date, from, it)) };
}

/** @param {{ terms: any, one: any, scope?: string, start_ms: number | undefined, close: () => void }} props */
export function MeetingForm({ terms, one, scope = "one", start_ms, close }) {
  const box = useRef(/** @type {any} */ (null));
  const [form, setForm] = useState(() => first(one, scope, start_ms));
  const [key] = useState(newKey);
  const [seen, setSeen] = useState(/** @type {any} */ (null));
  // What is wrong with the form, and what the centre said when it was sent: looking again does not take that back.
  const [fault, setFault] = useState("");
  const [refused, setRefused] = useState("");
  const last = useLast();
  const single = Boolean(one?.repeats && scope === "one");
  const set = (/** @type {any} */ part) => setForm((/** @type {any} */ old) => ({ ...old, ...part }));
  useLayoutEffect(() => box.current.showModal(), []);
  useEffect(() => {
    setRefused("");
    const waits = setTimeout(async () => {
      if (!form.title || !form.date || !form.from || !form.to) return;
      const uid = one ? `?uid=${encodeURIComponent(one.uid)}` : "";
      await last(post(`/meetings/look${uid}`, body(form, single))).then((found) => { setSeen(found); setFault(""); }, (error) => { setSeen(null); setFault(error.message); });
    }, WAIT_MS);
    return () => clearTimeout(waits);
  }, [form]);
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      if (one) await post("/meetings/edit", { uid: one.uid, whole: !single && scope !== "following", following: scope === "following" && one.repeats, sequence: one.sequence, form: body(form, single) });
      else await post("/meetings", { ...body(form, single), key });
      box.current.close();
    } catch (error) {
      setRefused(/** @type {Error} */ (error).message);
    }
  };
  const field = (/** @type {string} */ name, /** @type {any} */ more) => html`<label>${t(`calendar.field.${name}`)}
    <input ...${{ value: form[name], onInput: (/** @type {any} */ e) => set({ [name]: e.target.value }), ...more }} /></label>`;
  return html`<dialog class="cal-dialog wide" ref=${box} aria-labelledby="form-title" onClose=${close}>
    <form onSubmit=${send}><h2 id="form-title">${t(one ? "calendar.do.edit" : "calendar.page.new")}${one?.repeats ? html` <span class="soft">· ${t(`calendar.scope.${scope}`)}</span>` : null}</h2>
    ${one ? null : html`<div class="row" role="group" aria-label=${t("calendar.page.templates")}><span class="soft">${t("calendar.page.templates")}</span>
      ${terms.templates.map((/** @type {any} */ it) => html`<button type="button" onClick=${() => set(template(it, form.date))}>${t(`calendar.template.${it.kind}`)}</button>`)}</div>`}
    <div class="cal-form">
      <div>
        ${field("title", { required: true, class: "wide", maxlength: 200 })}
        <div class="row"><${DateField} label=${t("calendar.field.date")} value=${form.date} set=${(/** @type {string} */ date) => set({ date })} required />
          <${TimeField} label=${t("calendar.field.from")} value=${form.from} set=${(/** @type {string} */ from) => set({ from })} required /><${TimeField} label=${t("calendar.field.to")} note=${nextDay(form)} value=${form.to} set=${(/** @type {string} */ to) => set({ to })} required /></div>
        ${single ? null : html`<div class="row"><${Repeats} form=${form} set=${set} />${form.rule ? html`<${DateField} label=${t("calendar.field.until")} value=${form.until} set=${(/** @type {string} */ until) => set({ until })} />` : null}</div>`}
        <div class="row"><label>${t("calendar.field.kind")}<select value=${form.kind} onChange=${(/** @type {any} */ e) => set({ kind: e.target.value })}>
          <option value="">–</option>${terms.kinds.map((/** @type {string} */ it) => html`<option value=${it}>${t(`calendar.kind.${it}`)}</option>`)}</select></label>
          ${field("document_no", { maxlength: 80 })}
          <label>${t("calendar.field.policy")}<select value=${form.policy} onChange=${(/** @type {any} */ e) => set({ policy: e.target.value })}>
          ${POLICIES.map((it) => html`<option value=${it}>${t(`calendar.policy.${it}`)}</option>`)}</select></label></div>
        <fieldset class="row"><legend>${t("calendar.field.flags")}</legend>${FLAGS.map((it) => html`<label class="tick"><input type="checkbox" checked=${form[it]} onChange=${() => set({ [it]: !form[it] })} /> ${t(`calendar.is.${it}`)}</label>`)}</fieldset>
        <${Breaks} form=${form} set=${set} />
        ${form.external ? html`<label>${t("calendar.field.numbers")}<${Kept} class="wide" start=${form.numbers.join(", ")} onInput=${(/** @type {any} */ e) => set({ numbers: words(e.target.value) })} /></label>` : null}
      </div>
      <${Rooms} terms=${terms} form=${form} set=${set} />
    </div>
    ${seen ? html`<${Notes} notes=${seen.notes} />${seen.count > 1 ? html`<p class="soft">${t("calendar.page.first", seen.count, seen.first.map((/** @type {any} */ it) => when(it.start_ms) + (it.tentative ? ` (${t("calendar.is.tentative")})` : "")).join("; "))}</p>` : null}` : null}
    <p class="bad" role="alert">${refused || fault}</p>
    <div class="row"><button class="main">${t("calendar.page.save")}</button><button type="button" onClick=${() => box.current.close()}>${t("calendar.page.leave")}</button></div>
    </form></dialog>`;
}

/** @param {string} text */
const words = (text) => text.split(",").map((one) => one.trim()).filter(Boolean);

/** R18's series; the hours stand in the form, to be changed. @param {any} one @param {string} date */
function template(one, date) {
  const year = date.slice(0, 4), month = date.slice(5, 7);
  const day = one.day ? `${year}-${month}-${one.day}` : summer(Number(year));
  return { kind: one.kind, title: t(`calendar.template.${one.kind}`), rule: one.rule, from: one.from, to: one.to, date: day };
}

/** The first Tuesday or Thursday of July. @param {number} year */
function summer(year) {
  for (let day = 1; day < 8; day++) if ([2, 4].includes(new Date(Date.UTC(year, 6, day)).getUTCDay())) return `${year}-07-0${day}`;
  return `${year}-07-01`;
}

/** @param {{ form: any, set: (part: any) => void }} props */
function Repeats({ form, set }) {
  const day = new Date(`${form.date}T00:00:00Z`);
  const week = DAYS[day.getUTCDay()] ?? "MO", month = day.getUTCDate() || 1;
  const rules = { "": "once", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "workdays", [`FREQ=WEEKLY;BYDAY=${week}`]: "weekly", [`FREQ=MONTHLY;BYMONTHDAY=${month}`]: "monthly" };
  const own = form.rule in rules ? [] : [form.rule];
  return html`<label>${t("calendar.field.rule")}<select value=${form.rule} onChange=${(/** @type {any} */ e) => set({ rule: e.target.value })}>
    ${Object.entries(rules).map(([rule, name]) => html`<option value=${rule}>${t(`calendar.rule.${name}`, month)}</option>`)}
    ${own.map((rule) => html`<option value=${rule}>${rule.includes("BYMONTH=7,8") ? t("calendar.rule.summer") : repeats(rule)}</option>`)}</select></label>`;
}

/** @param {{ form: any, set: (part: any) => void }} props */
function Breaks({ form, set }) {
  const put = (/** @type {number} */ n, /** @type {any} */ part) => set({ breaks: form.breaks.map((/** @type {any} */ it, /** @type {number} */ k) => (k === n ? { ...it, ...part } : it)) });
  return html`<fieldset class="row"><legend>${t("calendar.field.breaks")}</legend>
    ${form.breaks.map((/** @type {any} */ it, /** @type {number} */ n) => html`<span class="row"><${TimeField} bare label=${t("calendar.field.from")} value=${it.from} set=${(/** @type {string} */ from) => put(n, { from })} /> – <${TimeField} bare label=${t("calendar.field.to")} value=${it.to} set=${(/** @type {string} */ to) => put(n, { to })} />
      <button type="button" aria-label=${t("calendar.page.remove")} onClick=${() => set({ breaks: form.breaks.filter((/** @type {any} */ _, /** @type {number} */ k) => k !== n) })}>×</button></span>`)}
    <button type="button" onClick=${() => set({ breaks: [...form.breaks, { from: "", to: "" }] })}>${t("calendar.page.add_break")}</button></fieldset>`;
}
