// Dates as dd/mm/yyyy and times on 24 h, typed: what a browser shows for its own fields depends on its language.

import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { lang, t } from "../lib/words.js";

/** `2026-07-15` ↔ `15/07/2026`; '' = not a date. @param {string} text */
function iso(text) {
  const found = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text.trim());
  if (!found) return "";
  const [, day = "", month = "", year = ""] = found;
  const made = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return Number.isNaN(Date.parse(made)) || new Date(made).toISOString().slice(0, 10) !== made ? "" : made;
}

/** @param {string} date */
const shown = (date) => date.split("-").reverse().join("/");

/** `8`, `8:5`, `0805` → `08:05`; '' = not a time. @param {string} text */
function time(text) {
  const found = /^(\d{1,2})(?:[:h.]?(\d{2}))?$/.exec(text.trim());
  if (!found || Number(found[1]) > 23 || Number(found[2] ?? 0) > 59) return "";
  return `${(found[1] ?? "").padStart(2, "0")}:${found[2] ?? "00"}`;
}

/** @param {string} date */
function weekday(date) {
  return date ? new Date(`${date}T00:00:00Z`).toLocaleDateString(lang() === "vi" ? "vi-VN" : "en-GB", { weekday: "long", timeZone: "UTC" }) : "";
}

/** @param {{ label: string, value: string, set: (date: string) => void, required?: boolean }} props */
export function DateField({ label, value, set, required }) {
  return html`<label><span>${label} <span class="soft">${weekday(value)}</span></span><${Typed} label=${label} value=${value} set=${set} required=${required} read=${iso} show=${shown} hint="dd/mm/yyyy" size=${10} /></label>`;
}

/** @param {{ label: string, value: string, set: (time: string) => void, required?: boolean, bare?: boolean, note?: string }} props */
export function TimeField({ label, value, set, required, bare, note = "" }) {
  const field = html`<${Typed} label=${`${label} ${note}`.trim()} value=${value} set=${set} required=${required} read=${time} show=${String} hint="08:00" size=${5} />`;
  return bare ? field : html`<label><span>${label} <span class="warn">${note}</span></span>${field}</label>`;
}

/** Said beside the end of what goes on after midnight. @param {{ from: string, to: string }} times */
export const nextDay = ({ from, to }) => (to && to < from ? t("calendar.page.next_day") : "");

/** @param {any} props */
function Typed({ label, value, set, required, read, show, hint, size }) {
  const box = useRef(/** @type {any} */ (null));
  const [text, setText] = useState(value ? show(value) : "");
  useEffect(() => { if (value && read(text) !== value) setText(show(value)); }, [value]);
  const typed = (/** @type {any} */ event) => {
    const now = event.target.value;
    setText(now);
    box.current.setCustomValidity(now && !read(now) ? t("calendar.page.typed", hint) : "");
    set(read(now));
  };
  const left = () => value && setText(show(value));
  return html`<input ref=${box} aria-label=${label} inputmode="numeric" autocomplete="off" placeholder=${hint} size=${size} required=${required} value=${text} onInput=${typed} onBlur=${left} />`;
}
