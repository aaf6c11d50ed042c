// The technician's phone page: duty, check, seats, a fault, the explanation, the signature; and who ordered what here.

import { act, keep, saved } from "../lib/act.js";
import { get, post } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { STAGE, why } from "../lib/replies.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, ordered, t, when, word } from "../lib/words.js";

/** @param {string} path @param {string} room */
const mine = (path, room) => `/my-room${path}${room ? `?room=${encodeURIComponent(room)}` : ""}`;

/** `args`: the room that a technician of its commune has chosen; a link has its own. @param {{ args: string[] }} props */
export function Page({ args: [room = ""] }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  const ask = () => get(mine("", room)).then(setTold).catch((error) => error.message && setSaid(error.message));
  useEffect(() => keep(ask, 10_000, listen, ["rooms", "orders", "incidents", "words", "meetings"]), [room]);
  if (told === null) return html`<p role="status">${said}</p>`;
  const state = told.last.state ?? {};
  const seats = Object.entries(told.last["detail/camera"]?.seats ?? {});
  const online = told.last.status?.online === true;
  const message = told.last["detail/panel"]?.holds?.message;
  return html`<div class="mine"><h1>${told.room?.name ?? ""}</h1>
    <p><span class=${`chip ${online ? "good" : "bad"}`}>${online ? t(`phase.${state.phase}`) : t("page.live.gone")}</span></p>
    <p role="status" class="said">${said}</p>
    ${typeof message === "string" ? html`<section class="card" role="alert"><h2>${t("page.my.message")}</h2><p class="message">${message}</p><p class="soft">${t("page.my.message_about")}</p></section>` : null}
    <div class="two">
      <button class=${state.duty ? "" : "main"} onClick=${() => act(mine("/duty", room), { value: "on" }, setSaid)}>${t("page.my.here")}</button>
      <button onClick=${() => act(mine("/duty", room), { value: "off" }, setSaid)}>${t("page.my.leave")}</button>
      <button onClick=${() => act(mine("/check", room), {}, setSaid)}>${t("page.my.check")}</button>
      <button onClick=${() => act(mine("/done", room), { what: "cleaning" }, setSaid)}>${t("page.my.done")}</button></div>
    <section class="card"><h2>${t("page.my.meetings")}</h2><ul>${told.meetings.map((/** @type {any} */ m) => html`<li key=${m.uid}>${when(m.start_ms)}–${clock(m.end_ms)} <strong>${m.title}</strong>
        ${m.end_ms > told.now_ms ? html`<${Plan} meeting=${m} seats=${seats} say=${setSaid} done=${ask} room=${room} />` : null}</li>`)}</ul>
      ${told.meetings.length ? null : html`<p class="soft">${t("page.my.none")}</p>`}</section>
    <section class="card"><h2>${t("page.my.seats")}</h2>${seats.map(([name, frame]) => html`<${Seat} key=${name} name=${name} preset=${Array.isArray(frame) ? frame[1] : 0} say=${setSaid} room=${room} />`)}
      <p><button onClick=${() => act(mine("/seat", room), { value: "confirm" }, setSaid)}>${t("page.my.confirm")}</button></p></section>
    <${Incidents} rows=${told.incidents} say=${setSaid} done=${ask} />
    <${Say} say=${setSaid} room=${room} />
    ${told.words.length ? html`<section class="card"><h2>${t("page.my.words")}</h2><ul>${told.words.map((/** @type {any} */ one) => html`<li key=${one.id}>${when(one.at_ms)} ${one.text} <span class=${`chip ${one.stage === "done" ? "good" : ""}`}>${t(`page.words.${one.stage}`)}</span>${one.answer ? html`<br /><strong>${one.answered_by}</strong>: ${one.answer}` : null}</li>`)}</ul></section>` : null}
    <section class="card"><h2>${t("page.my.orders")}</h2><ul>${told.orders.map((/** @type {any} */ row) => html`<li key=${row.id}>${when(row.sent_ms)} <strong>${ordered(row)}</strong> – ${row.by}${row.reason ? ` (${row.reason})` : ""} <${Stage} order=${row} /></li>`)}</ul>
      ${told.orders.length ? null : html`<p class="soft">${t("page.my.none")}</p>`}</section>
    ${told.room?.hotline ? html`<p><a href=${`tel:${told.room.hotline}`}>${told.room.provider} ${told.room.hotline} – ${told.room.circuit}</a></p>` : null}
    <p class="soft">${t("page.my.notice")}</p></div>`;
}

/** @param {{ order: any }} props */
function Stage({ order }) {
  const [tone, shape] = STAGE[order.stage] ?? STAGE.unanswered;
  return html`<span class=${`chip ${tone}`}><i>${shape}</i> ${t(`room.stage.${order.stage}`)}</span>${why(order) ? html` <span class=${tone}>${why(order)}</span>` : null}`;
}

/** Who is at the devices, and the frames of this meeting. @param {{ meeting: any, seats: [string, any][], say: (text: string) => void, done: () => unknown, room: string }} props */
function Plan({ meeting, seats, say, done, room }) {
  const own = new Map(meeting.seats.map((/** @type {any} */ one) => [one.seat, one.preset]));
  const usual = new Map(seats.map(([name, frame]) => [name, Array.isArray(frame) ? frame[1] : 0]));
  const names = [...new Set([...usual.keys(), ...own.keys()])];
  /** @param {SubmitEvent} event */
  const send = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const frames = names.map((seat) => ({ seat, preset: Number(form.get(`seat ${seat}`)) })).filter(({ seat, preset }) => preset !== usual.get(seat));
    const body = { technician: form.get("technician"), substitute: form.get("substitute"), seats: frames };
    saved(post(mine(`/meetings/${encodeURIComponent(meeting.uid)}`, room), body), say, done);
  };
  return html`<details><summary>${t("page.my.plan")}${meeting.technician ? html` <span class="soft">${meeting.technician}</span>` : null}</summary><form onSubmit=${send} aria-label=${`${t("page.my.plan")}: ${meeting.title}`}>
    <label>${t("calendar.field.technician")}<${Kept} name="technician" maxlength="120" start=${meeting.technician} /></label>
    <label>${t("calendar.field.substitute")}<${Kept} name="substitute" maxlength="120" start=${meeting.substitute} /></label>
    ${names.map((seat) => html`<label class="row" key=${seat}><strong>${word(seat)}</strong> <span>${t("page.my.preset")}</span><${Kept} name=${`seat ${seat}`} type="number" min="0" max="254" required start=${own.get(seat) ?? usual.get(seat)} /></label>`)}
    <p class="soft">${t("page.my.plan_about")}</p><button>${t("page.people.save")}</button></form></details>`;
}

/** @param {{ name: string, preset: number, say: (text: string) => void, room: string }} props */
function Seat({ name, preset, say, room }) {
  /** @param {SubmitEvent} event */
  const send = (event) => {
    event.preventDefault();
    const chosen = Number(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("preset"));
    act(mine("/seat", room), { value: "assign", seat: name, preset: chosen }, say);
  };
  return html`<form class="row" onSubmit=${send}><strong>${word(name)}</strong>
    <button type="button" onClick=${() => act(mine("/seat", room), { value: "store", seat: name }, say)}>${t("page.my.store")}</button>
    <label>${t("page.my.preset")} <input name="preset" type="number" min="0" max="254" required defaultValue=${preset} aria-label=${`${t("page.my.preset")}: ${word(name)}`} /></label><button>${t("page.my.assign")}</button></form>`;
}

/** @param {{ rows: any[], say: (text: string) => void, done: () => void }} props */
function Incidents({ rows, say, done }) {
  if (rows.length === 0) return null;
  return html`<section class="card"><h2>${t("page.nav.incidents")}</h2>${rows.map((row) => {
    /** @param {SubmitEvent} event */
    const send = async (event) => {
      event.preventDefault();
      const text = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("text");
      await act(`/incidents/${row.id}`, { what: "explained", text }, say);
      done();
    };
    return html`<form key=${row.id} onSubmit=${send}><p><strong>${t(`page.inc.${row.code}`)}</strong> ${when(row.from_ms)}</p>
      ${row.explanation ? html`<p>${t("page.my.explain")}: ${row.explanation}</p>` : null}
      <label>${t("page.my.explain")}<textarea name="text" required maxlength="2000"></textarea></label><button>${t("page.live.send")}</button></form>`;
  })}</section>`;
}

/** @param {{ say: (text: string) => void, room: string }} props */
function Say({ say, room }) {
  /** @param {SubmitEvent} event */
  const send = async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (await act(mine("/word", room), Object.fromEntries(new FormData(form)), say)) form.reset();
  };
  return html`<form class="card" onSubmit=${send}><label>${t("page.my.fault")}
    <select name="kind"><option value="fault">${t("page.my.fault")}</option><option value="signed">${t("page.my.sign")}</option><option value="feedback">${t("page.my.ask")}</option></select></label>
    <label>${t("page.inc.note")}<textarea name="text" required maxlength="2000"></textarea></label><button>${t("page.live.send")}</button></form>`;
}
