// What stands in the way of a meeting, as sentences.

import { html } from "../lib/ui.js";
import { clock, t, when } from "../lib/words.js";

/** @param {{ notes: any[] }} props */
export function Notes({ notes }) {
  if (!notes.length) return html`<p class="good" role="status">✓ ${t("calendar.page.free")}</p>`;
  return html`<div role="status"><ul class="cal-notes">${notes.map((one) => html`<li><span aria-hidden="true">▲</span> ${sentence(one)}</li>`)}</ul></div>`;
}

/** @param {any} note */
export function sentence(note) {
  return t(note.code, { room: note.room, title: note.title, n: note.n, from: note.from_ms ? when(note.from_ms) : "", until: note.until_ms ? clock(note.until_ms) : "" });
}
