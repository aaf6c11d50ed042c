// What may be asked of a room, and what became of it: sent, accepted, refused and why, done. A command that the room
// refused may be forced by whoever may; then a reason is asked and stays in the room's own record.

import { get, post } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { STAGE, why } from "../lib/replies.js";
import { now } from "../lib/rooms.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/ui.js";
import { clock, ordered, t, word } from "../lib/words.js";

/**
 * @typedef {{ name: string, kind: "text" | "number" | "choice", least?: number, most?: number, first?: string | number, of?: string[] }} Field
 * @typedef {{ text: string, verb: string, args: Record<string, unknown>, fields?: Field[], ask?: boolean, meeting?: boolean }} Command
 * @typedef {{ id: string, verb: string, args: any, by: string, meeting: string, reason: string, sent_ms: number, stage: string, code: string, told: unknown[], changed_ms: number }} Order
 */

const MINUTES = (/** @type {number} */ first, /** @type {number} */ most) => /** @type {Field} */ ({ name: "minutes", kind: "number", least: 1, most, first });

/** @param {any} told @returns {[string, Command[]][]} */
function commands(told) {
  const loads = Object.keys(told.parts.state?.body.loads ?? {});
  const config = told.parts["detail/config"]?.body ?? {};
  const devices = [...new Set(["codec", ...Object.keys(config.devices ?? {})])];
  const seats = Object.keys(told.parts["detail/camera"]?.body.seats ?? {});
  /** @type {Field} */
  const load = { name: "name", kind: "choice", of: loads };
  const one = (/** @type {string} */ text, /** @type {string} */ verb, /** @type {any} */ args, /** @type {Partial<Command>} */ more = {}) => ({ text, verb, args, ...more });
  /** @type {[string, Command[]][]} */
  const groups = [
    ["room.group.power", [
      one("room.do.power.on", "power", { value: "on" }),
      one("room.do.power.off", "power", { value: "off" }, { ask: true }),
      one("room.do.power.auto", "power", { value: "auto" }),
      ...(loads.length === 0 ? [] : ["on", "off", "auto", "cycle"].map((value) => one(`room.do.load.${value}`, "load", { value }, { fields: [load] }))),
    ]],
    ["room.group.check", [
      one("room.do.check", "check", {}),
      one("room.do.rehearse.now", "rehearse", { value: "now" }, { ask: true }),
      one("room.do.rehearse.off", "rehearse", { value: "off" }),
      one("room.do.rehearse.auto", "rehearse", { value: "auto" }),
      one("room.do.heal", "heal", {}, { fields: [{ name: "name", kind: "choice", of: devices }] }),
      one("room.do.rebirth", "rebirth", {}),
    ]],
    ["room.group.upkeep", [
      one("room.do.acknowledge", "acknowledge", {}),
      one("room.do.acknowledge.battery", "acknowledge", { what: "battery" }),
      one("room.do.maintenance.begin", "maintenance", { value: "begin" }, { fields: [{ name: "reason", kind: "text", most: 200 }, MINUTES(120, 720)] }),
      one("room.do.maintenance.end", "maintenance", { value: "end" }),
      one("room.do.storm.on", "storm", { value: "on" }, { fields: [MINUTES(720, 10_080)] }),
      one("room.do.storm.off", "storm", { value: "off" }),
      one("room.do.lightning.on", "lightning", { value: "on" }, { fields: [MINUTES(720, 1440)] }),
      one("room.do.lightning.off", "lightning", { value: "off" }),
    ]],
    ["room.group.meeting", [
      one("room.do.message", "message", {}, { meeting: true, fields: [{ name: "text", kind: "text", most: 500 }] }),
      one("room.do.volume", "volume", {}, { meeting: true, fields: [{ name: "value", kind: "number", least: 0, most: 50, first: 25 }] }),
      ...(seats.length === 0 ? [] : [one("room.do.seat", "seat", { value: "show" }, { meeting: true, fields: [{ name: "seat", kind: "choice", of: seats }] })]),
      one("room.do.mute.muted", "mute", { value: "muted" }, { meeting: true }),
      one("room.do.call.dial", "call", { value: "dial" }, { meeting: true, fields: [{ name: "address", kind: "text", most: 100 }] }),
      one("room.do.call.hangup", "call", { value: "hangup" }, { meeting: true, ask: true }),
    ]],
  ];
  return groups;
}

/** The booked meeting that gives the right to microphone, call and camera; '' = none. @param {any} told */
function current(told) {
  return told.meetings.find((/** @type {any} */ one) => now() >= one.start_ms - 90 * 60_000 && now() < one.end_ms + 30 * 60_000)?.uid ?? "";
}

/** @param {{ slug: string, told: any, may: boolean }} props */
export function Orders({ slug, told, may }) {
  const [orders, setOrders] = useState(/** @type {Order[]} */ ([]));
  const [asked, setAsked] = useState(/** @type {{ command: Command, force: boolean } | null} */ (null));
  const [failed, setFailed] = useState("");
  const load = () => get(`/orders?room=${slug}&limit=12`).then(setOrders).catch(() => null);
  useEffect(() => {
    load();
    const quiet = [listen("orders", load), listen("hello", load)];
    return () => quiet.forEach((end) => end());
  }, [slug]);
  const send = async (/** @type {Command} */ command, /** @type {any} */ args, /** @type {string} */ reason, /** @type {boolean} */ force) => {
    setAsked(null);
    setFailed("");
    try {
      await post(`/rooms/${slug}/orders`, { verb: command.verb, args, meeting: command.meeting ? current(told) : "", reason, force });
    } catch (error) {
      setFailed(/** @type {Error} */ (error).message);
    }
    await load();
  };
  const press = (/** @type {Command} */ command) => (command.fields || command.ask ? setAsked({ command, force: false }) : send(command, command.args, "", false));
  const meeting = current(told);
  return html`<section class="card"><h2>${t("room.orders")}</h2>
    ${may ? commands(told).map(([title, all]) => html`<fieldset><legend>${t(title)}</legend>
      ${title === "room.group.meeting" && meeting === "" ? html`<p class="soft">${t("rights.no_meeting")}</p>` : html`<div class="row">${all.map((one) => html`<button onClick=${() => press(one)}>${t(one.text)}${one.fields ? "…" : ""}</button>`)}</div>`}</fieldset>`) : null}
    ${failed ? html`<p class="warn" role="alert">${failed}</p>` : null}
    <h3>${t("room.sent")}</h3>${orders.length === 0 ? html`<p class="soft">${t("room.no_order")}</p>` : null}
    <ul class="orders" aria-live="polite">${orders.map((one) => html`<${Row} key=${one.id} order=${one} again=${may ? () => setAsked({ command: { text: "", verb: one.verb, args: one.args, ask: true, meeting: one.meeting !== "" }, force: true }) : null} />`)}</ul>
    ${asked === null ? null : html`<${Ask} ...${asked} send=${send} close=${() => setAsked(null)} />`}</section>`;
}

/** @param {{ order: Order, again: (() => void) | null }} props */
function Row({ order, again }) {
  const [tone, shape] = STAGE[order.stage] ?? STAGE.unanswered;
  const said = why(order);
  return html`<li><div class="row"><time>${clock(order.sent_ms)}</time> <b>${ordered(order)}</b>
    <span class=${`chip ${tone}`}><i>${shape}</i> ${t(`room.stage.${order.stage}`)}${order.stage === "sent" ? "" : ` ${clock(order.changed_ms)}`}</span></div>
    <div class="soft">${order.by}${order.reason ? ` · ${order.reason}` : ""}</div>
    ${said ? html`<div class=${tone}>${said}</div>` : null}
    ${order.stage === "refused" && again ? html`<button onClick=${again}>${t("room.force")}…</button>` : null}</li>`;
}

/** @param {{ command: Command, force: boolean, send: (command: Command, args: any, reason: string, force: boolean) => void, close: () => void }} props */
function Ask({ command, force, send, close }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const done = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const given = (command.fields ?? []).map((field) => [field.name, field.kind === "number" ? Number(form.get(field.name)) : String(form.get(field.name))]);
    send(command, { ...command.args, ...Object.fromEntries(given) }, String(form.get("why") ?? ""), force);
  };
  const title = command.text ? t(command.text) : ordered(command);
  return html`<dialog ref=${dialog} onClose=${close} aria-label=${title}><form onSubmit=${done}>
    <h2>${title}</h2>
    ${(command.fields ?? []).map((field) => html`<label>${t(`room.field.${field.name}`)}<${Input} field=${field} /></label>`)}
    ${force ? html`<p class="warn">${t("room.force_long")}</p><label>${t("room.field.why")}<input name="why" required maxlength="500" /></label>` : null}
    <div class="row"><button class="main">${t(force ? "room.force" : "room.send")}</button><button type="button" onClick=${close}>${t("room.cancel")}</button></div></form></dialog>`;
}

/** @param {{ field: Field }} props */
function Input({ field }) {
  if (field.kind === "choice") return html`<${Kept} as="select" name=${field.name} required>${field.of?.map((one) => html`<option value=${one}>${word(one)}</option>`)}</${Kept}>`;
  if (field.kind === "number") return html`<${Kept} name=${field.name} type="number" min=${field.least} max=${field.most} start=${field.first} required />`;
  return html`<input name=${field.name} maxlength=${field.most} required />`;
}
