// One meeting: when, where, who is at the devices, who changed it, and what may be done with it.

import { get, post } from "../lib/api.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/ui.js";
import { clock, collate, t, when } from "../lib/words.js";
import { states } from "./calendar-grid.js";
import { now } from "./calendar-times.js";

const SCOPES = ["one", "following", "whole"];
const LONGER_MS = 30 * 60_000;

/** Is the whole of its series cancelled? Then none of it can be brought back alone. @param {any} one */
const gone = (one) => one.repeats && one.series_form.status === "CANCELLED";

/** One that was cancelled alone is brought back alone: restoring its series would not reach it. Several are confirmed with
 * their rest days.
 * @param {{ row: any, names: Record<string, string>, plans: boolean, close: () => void, edit: (one: any, scope: string) => void }} props */
export function MeetingCard({ row, names, plans, close, edit }) {
  const box = useRef(/** @type {any} */ (null));
  const [one, setOne] = useState(/** @type {any} */ (null));
  const [reason, setReason] = useState("");
  const [scope, setScope] = useState("one");
  const [fault, setFault] = useState("");
  useLayoutEffect(() => box.current.showModal(), []);
  useEffect(() => {
    if (plans) get(`/meetings/one?uid=${encodeURIComponent(row.uid)}`).then((found) => { setOne(found); if (gone(found)) setScope("whole"); }, (error) => setFault(error.message));
  }, []);
  const act = async (/** @type {string} */ path, /** @type {any} */ body) => {
    try {
      await post(path, { uid: row.uid, whole: scope === "whole", sequence: one.sequence, ...body });
      box.current.close();
    } catch (error) {
      setFault(/** @type {Error} */ (error).message);
    }
  };
  const mark = (/** @type {string} */ what) => act("/meetings/mark", { what, reason, following: scope === "following" });
  const name = (/** @type {string} */ slug) => names[slug] ?? slug;
  const rooms = Object.entries(row.rooms).sort((a, b) => collate(name(a[0]), name(b[0])));
  const at = now();
  return html`<dialog class="cal-dialog" ref=${box} aria-labelledby="meeting-title" onClose=${close}>
    <h2 id="meeting-title">${row.title}</h2>
    <p><strong>${when(row.start_ms)} – ${clock(row.end_ms)}</strong> ${states(row).map((it) => html` <span class="chip warn">${t(`calendar.is.${it}`)}</span>`)}</p>
    <p class="soft">${[row.kind && t(`calendar.kind.${row.kind}`), row.document_no, t(`calendar.policy.${row.policy}`)].filter(Boolean).join(" · ")}</p>
    <ul class="cal-rooms">${rooms.map(([slug, role]) => html`<li>${name(slug)}${role === "member" ? null : html` <span class="chip good">${t(`calendar.role.${role}`)}</span>`}
      ${one?.crew[slug]?.technician ? html` <span class="soft">${one.crew[slug].technician}${one.crew[slug].substitute ? ` / ${one.crew[slug].substitute}` : ""}</span>` : null}</li>`)}</ul>
    ${plans && one ? html`
      ${one.source.match(/^\d+$/) ? html`<p class="warn">${t("meeting.foreign")}</p>` : html`
      ${one.repeats ? html`<fieldset class="row"><legend>${t("calendar.page.scope")}</legend>${SCOPES.filter((it) => it !== "one" || !gone(one)).map((it) => html`<label class="tick"><input type="radio" name="scope" checked=${scope === it} onChange=${() => setScope(it)} /> ${t(`calendar.scope.${it}`)}</label>`)}</fieldset>` : null}
      <label>${t("calendar.field.reason")}<input class="wide" value=${reason} onInput=${(/** @type {any} */ e) => setReason(e.target.value)} /></label>
      ${row.tentative && scope !== "one" ? html`<p class="soft">${t("calendar.page.rest_too")}</p>` : null}
      <div class="row">
        <button class="main" onClick=${() => edit(one, scope)}>${t("calendar.do.edit")}</button>
        ${row.tentative ? html`<button onClick=${() => mark("confirm")}>${t("calendar.do.confirm")}</button>` : null}
        ${row.cancelled ? scope === "one" || gone(one) ? html`<button onClick=${() => mark("restore")}>${t("calendar.do.restore")}</button>` : null : html`
          <button onClick=${() => mark("postpone")}>${t("calendar.do.postpone")}</button>
          <button onClick=${() => mark("cancel")}>${t("calendar.do.cancel")}</button>`}
        ${scope === "one" && row.start_ms <= at && at < row.end_ms ? html`<button onClick=${() => act("/meetings/move", { start_ms: row.start_ms, end_ms: row.end_ms + LONGER_MS })}>${t("calendar.do.extend")}</button>` : null}
      </div>`}
      <details><summary>${t("calendar.page.history")}</summary><${History} lines=${one.history} /></details>` : null}
    ${fault ? html`<p class="bad" role="alert">${fault}</p>` : null}
    <div class="row end"><button onClick=${() => box.current.close()}>${t("calendar.page.close")}</button></div>
  </dialog>`;
}

/** @param {{ lines: any[] }} props */
export function History({ lines }) {
  return html`<ol class="cal-history">${lines.map((line) => html`<li><span class="soft">${when(line.at_ms)}</span> ${t(line.code, ...line.args)} <span class="soft">${line.by}</span></li>`)}</ol>`;
}
