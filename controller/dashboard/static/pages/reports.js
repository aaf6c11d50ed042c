// Minutes and reports: choose a form, see it, take it along as DOCX, PDF, XLSX or CSV. Numbers, dates and signatures
// stay blank: the office issues them.

import { saved } from "../lib/act.js";
import { get, post } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { useLast } from "../lib/last.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, collate, day, t, when } from "../lib/words.js";
import { DateField } from "./calendar-fields.js";

const FORMS = ["check", "log", "incident", "effectiveness", "line", "certificate", "rules"];
const SPANS = ["effectiveness", "line"];
const WHOLE = [...SPANS, "check"];
const FILES = ["docx", "pdf", "xlsx", "csv"];
const DAY_MS = 86_400_000;

/** @typedef {{ form: string, room: string, meeting: string, incident: string, from: string, to: string }} Wish */

/** @param {string} date yyyy-mm-dd, of the network's zone */
const at = (date) => Date.parse(`${date}T00:00:00+07:00`);

/** @param {Wish} wish */
function query(wish) {
  const parts = new URLSearchParams();
  if (wish.form === "rules") return "";
  if (wish.form !== "incident") parts.set("room", wish.room);
  if (wish.form === "check" || wish.form === "certificate") parts.set("meeting", wish.meeting);
  if (wish.form === "incident") parts.set("incident", wish.incident || "0");
  if (wish.form === "log") parts.set("from_ms", String(at(wish.from)));
  if (SPANS.includes(wish.form)) {
    parts.set("from_ms", String(at(wish.from)));
    parts.set("to_ms", String(at(wish.to) + DAY_MS));
  }
  return parts.toString();
}

export function Page() {
  const [choice, setChoice] = useState(/** @type {any} */ ({ rooms: [], meetings: [], now_ms: 0 }));
  const [wish, setWish] = useState(/** @type {Wish | null} */ (null));
  const [paper, setPaper] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  const last = useLast();
  useEffect(() => {
    const start = () => get("/reports/choice").then((found) => {
      setChoice(found);
      const today = new Date(found.now_ms + 7 * 3_600_000).toISOString().slice(0, 10);
      setWish((/** @type {Wish | null} */ old) => old ?? { form: "effectiveness", room: "", meeting: found.meetings[0]?.uid ?? "", incident: "", from: `${today.slice(0, 8)}01`, to: today });
    }).catch((error) => setSaid(error.message));
    start();
    return listen("hello", start);
  }, []);
  if (wish === null) return html`<h1>${t("page.nav.reports")}</h1><p role="status">${said}</p>`;
  /** @param {Partial<Wish>} part */
  const put = (part) => {
    last(); // a paper of what was chosen before would be filled in and saved as another
    setPaper(null);
    setWish({ ...wish, ...part });
  };
  /** @param {Event} event */
  const change = (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.name) put({ [field.name]: field.value });
  };
  const ask = () => last(get(`/reports/${wish.form}.json?${query(wish)}`)).then(setPaper).catch((error) => setSaid(error.message));
  /** @param {Event} event */
  const show = async (event) => {
    event.preventDefault();
    setSaid("");
    await ask();
  };
  /** @param {Record<string, FormDataEntryValue>} fields */
  const save = (fields) => saved(post(`/reports/${wish.form}?${query(wish)}`, { fields }), setSaid, ask);
  const rooms = [...choice.rooms].sort((a, b) => collate(a.name, b.name));
  const byMeeting = wish.form === "check" || wish.form === "certificate";
  return html`<h1>${t("page.nav.reports")}</h1>
    <form class="row card" onSubmit=${show} onChange=${change}>
      <label>${t("page.report.form")}<${Kept} as="select" name="form" start=${wish.form}>${FORMS.map((form) => html`<option value=${form}>${t(`page.report.${form}`)}</option>`)}</${Kept}></label>
      ${wish.form === "rules" ? null : wish.form === "incident" ? html`<label>${t("page.report.incident_no")}<${Kept} name="incident" type="number" min="1" start=${wish.incident} required /></label>`
        : html`<label>${t("page.report.room")}<${Kept} as="select" name="room" start=${wish.room} required=${!WHOLE.includes(wish.form)}><option value="">${wish.form === "check" ? t("page.report.summed") : SPANS.includes(wish.form) ? t("page.report.network") : "–"}</option>${rooms.map((room) => html`<option value=${room.slug}>${room.name}</option>`)}</${Kept}></label>`}
      ${byMeeting ? html`<label>${t("page.report.meeting")}<${Kept} as="select" name="meeting" start=${wish.meeting} required>${choice.meetings.map((/** @type {any} */ m) => html`<option value=${m.uid}>${day(m.start_ms)} ${clock(m.start_ms)} ${m.title}</option>`)}</${Kept}></label>` : null}
      ${wish.form === "log" || SPANS.includes(wish.form) ? html`<${DateField} label=${t(wish.form === "log" ? "page.report.day" : "page.report.from")} value=${wish.from} set=${(/** @type {string} */ from) => put({ from })} required />` : null}
      ${SPANS.includes(wish.form) ? html`<${DateField} label=${t("page.report.to")} value=${wish.to} set=${(/** @type {string} */ to) => put({ to })} required />` : null}
      <button class="main">${t("page.report.show")}</button></form>
    <p role="status" class="said">${said}</p>
    ${paper ? html`<p class="row">${t("page.report.download")}: ${FILES.map((end) => html`<a class="chip" download href=${`/api/reports/${wish.form}.${end}?${query(wish)}`}>${end.toUpperCase()}</a>`)}
      ${wish.form === "certificate" ? html`<a class="chip" download="chung-cu.jsonl" href=${`/api/reports/chain/${wish.room}?meeting=${encodeURIComponent(wish.meeting)}`}>${t("page.report.chain")}</a>` : null}</p><${Paper} paper=${paper} save=${save} key=${query(wish)} />` : null}`;
}

/** What people say is typed where it is printed. @param {{ paper: any, save: (fields: Record<string, FormDataEntryValue>) => void }} props */
function Paper({ paper, save }) {
  /** @param {SubmitEvent} event */
  const send = (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
    save(Object.fromEntries(Object.entries(typed).filter(([name, text]) => text !== (known.get(name) ?? ""))));
  };
  const known = said(paper);
  const wide = paper.blocks.some((/** @type {any} */ block) => block.head?.length > 6);
  return html`<form class=${wide ? "paper wide" : "paper"} lang="vi" onSubmit=${send} aria-label=${paper.title}><header><p>${paper.parent}<br /><strong>${paper.office}</strong></p></header>
    <h2>${paper.title}</h2>${paper.subtitle ? html`<p class="centre">${paper.subtitle}</p>` : null}
    ${paper.blocks.map((/** @type {any} */ block, /** @type {number} */ n) => {
      if (block.kind === "heading") return html`<h3>${block.text}</h3>`;
      if (block.kind === "para") return html`<p>${block.text}</p>`;
      if (block.kind === "fill") return html`<${Fill} block=${block} title=${block.label || above(paper.blocks, n)} />`;
      if (block.kind === "signs") return html`<${Signs} block=${block} />`;
      return html`<div class="scroll" tabindex="0" role="region" aria-label=${`${above(paper.blocks, n)}: ${block.head.join(", ")}`}><table><thead><tr>${block.head.map((/** @type {string} */ text) => html`<th scope="col">${text}</th>`)}</tr></thead>
        <tbody>${block.rows.map((/** @type {any[]} */ row) => html`<tr>${row.map((cell, column) => html`<td>${cell.name ? html`<${Kept} name=${cell.name} maxlength="4000" start=${cell.text} aria-label=${`${block.head[0]} ${row[0]}: ${block.head[column]}`} placeholder=${t("page.report.write")} />` : cell}</td>`)}</tr>`)}</tbody></table></div>`;
    })}
    ${known.size > 0 ? html`<p class="row end"><span>${paper.by ? t("page.report.by", paper.by, when(paper.at_ms)) : ""}</span><button class="main">${t("page.report.save")}</button></p>` : null}</form>`;
}

/** What each field of the paper holds, by its name: only what is new is sent. @param {any} paper */
function said(paper) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const block of paper.blocks) {
    if (block.kind === "fill") found.set(block.name, block.text);
    block.fields?.forEach((/** @type {string} */ name, /** @type {number} */ n) => found.set(name, block.names[n] ?? ""));
    for (const cell of block.rows?.flat?.() ?? []) if (cell.name) found.set(cell.name, cell.text);
  }
  return found;
}

/** The heading that a table stands under. @param {any[]} blocks @param {number} n */
const above = (blocks, n) => blocks.slice(0, n).reverse().find((block) => block.kind === "heading")?.text ?? n;

/** @param {{ block: any, title: string }} props */
function Fill({ block, title }) {
  const field = block.rows > 1 ? { as: "textarea", rows: block.rows } : {};
  return html`<label class="fill">${block.label ? html`<span>${block.label}:</span>` : null}<${Kept} ...${field} name=${block.name} maxlength="4000" start=${block.text} aria-label=${title} placeholder=${t("page.report.write")} /></label>`;
}

/** @param {{ block: any }} props */
function Signs({ block }) {
  return html`<div class="signs">${block.who.map((/** @type {string} */ who, /** @type {number} */ n) => html`<div><p>${who}</p>
    ${block.fields[n] ? html`<${Kept} name=${block.fields[n]} maxlength="120" start=${block.names[n]} aria-label=${t("page.report.name", who)} placeholder=${t("page.report.write")} />` : null}</div>`)}</div>`;
}
