// Incidents per cause: what is open, since when, at which sites, who works on it, and what was done. Nothing is edited,
// everything is added. The cause is the machine's proposal until a person sets it.

import { get, post } from "../lib/api.js";
import { copied } from "../lib/copied.js";
import { Kept } from "../lib/kept.js";
import { places } from "../lib/places.js";
import { useLast } from "../lib/last.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { clock, collate, t, when } from "../lib/words.js";
import { DateField, TimeField } from "./calendar-fields.js";
import { dateOf, msOf } from "./calendar-times.js";

/** @typedef {{ id: number, code: string, scope: string, rooms: string[], from_ms: number, until_ms: number | null, stage: string, acked_by: string, expected_ms: number | null, proposed: string, cause: string, own: boolean | null, cause_by: string, explanation: string, explained_by: string, maintained: string[], asks_expected: boolean }} Incident */
/** @typedef {{ id: number, at_ms: number, by: string, kind: string, text: string, args: any[] }} Line */

const STAGES = ["received", "working", "mended"];
const CAUSES = ["mains", "provider", "device", "handling", "centre", "unknown"];
const EACH_MS = 15_000;
/** As the centre notes itself in a timeline. */
const MACHINE = "máy";

/** @param {{ args: string[], me: { role: string } }} props */
export function Page({ args, me }) {
  const [list, setList] = useState(/** @type {any} */ (null));
  const [all, setAll] = useState(false);
  const chosen = Number(args[0]) || 0;
  const last = useLast();
  const ask = () => last(get(`/incidents?open_only=${!all}`)).then(setList).catch(() => null);
  useEffect(() => {
    ask();
    const timer = setInterval(ask, EACH_MS);
    const quiet = [listen("incidents", ask), listen("hello", ask)];
    return () => {
      clearInterval(timer);
      quiet.forEach((end) => end());
    };
  }, [all]);
  if (list === null) return html`<h1>${t("page.nav.incidents")}</h1>`;
  return html`<div class=${`incidents ${chosen ? "one" : ""}`}>
    <section class="list">
      <div class="row"><h1>${t("page.nav.incidents")}</h1>
        <label class="row"><input type="checkbox" checked=${all} onChange=${() => setAll(!all)} />${t("page.inc.all")}</label></div>
      ${list.notices_failed.length === 0 ? null : html`<p class="lost" role="status">${t("page.inc.untold", list.notices_failed.join(", "))}</p>`}
      ${list.incidents.length === 0 ? html`<p class="soft">${t("page.inc.none")}</p>` : null}
      <ul>${list.incidents.map((/** @type {Incident} */ one) => html`<${Row} one=${one} now=${list.now_ms} names=${list.names} chosen=${one.id === chosen} key=${one.id} />`)}</ul>
      <${Maintenance} list=${list} may=${me.role === "operator" || me.role === "admin"} done=${ask} />
    </section>
    ${chosen ? html`<${One} id=${chosen} me=${me} now=${list.now_ms} key=${chosen} done=${ask} />` : null}
  </div>`;
}

/** Windows that are open, and a new one. @param {{ list: any, may: boolean, done: () => void }} props */
function Maintenance({ list, may, done }) {
  const [said, setSaid] = useState("");
  /** @param {string} path @param {Record<string, unknown>} body */
  const send = async (path, body) => {
    try {
      const { unsent = {} } = await post(`/incidents/maintenance/${path}`, body);
      const missed = Object.keys(unsent).map((slug) => list.names[slug] ?? slug);
      setSaid(missed.length === 0 ? "" : t("page.inc.untold_rooms", missed.join(", ")));
      done();
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
  };
  /** @param {SubmitEvent} event */
  const begin = (event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const wanted = String(data.get("room"));
    const room = Object.keys(list.names).find((slug) => list.names[slug] === wanted) ?? wanted;
    return send("begin", { room, hours: Number(data.get("hours")), reason: data.get("reason") });
  };
  const names = Object.values(list.names).sort(collate);
  return html`<section tabindex="-1" aria-label=${t("page.inc.maintained")}><h2>${t("page.inc.maintained")}</h2>
    ${list.maintenance.map((/** @type {any} */ row) => html`<p class="row" key=${row.id}><span>${list.names[row.room] ?? row.room} – ${when(row.until_ms)} – ${row.reason} (${row.by})</span>
      ${may ? html`<button onClick=${() => send(`${row.id}/end`, {})}>${t("page.inc.maintain_end")}</button>` : null}</p>`)}
    ${may ? html`<form class="row" onSubmit=${begin}>
      <input name="room" list="maintained" required maxlength="120" placeholder=${t("page.inc.where")} aria-label=${t("page.inc.where")} />
      <datalist id="maintained">${names.map((name) => html`<option value=${name} />`)}</datalist>
      <label class="row">${t("page.inc.hours")}<${Kept} type="number" name="hours" min="0.5" max="12" step="0.5" start="2" required /></label>
      <input name="reason" required minlength="3" maxlength="500" placeholder=${t("page.inc.reason")} aria-label=${t("page.inc.reason")} />
      <button>${t("page.inc.maintain")}</button></form>` : null}
    <p role="alert" class="bad">${said}</p></section>`;
}

/** @param {{ one: Incident, now: number, names: Record<string, string>, chosen: boolean }} props */
function Row({ one, now, names, chosen }) {
  const open = one.until_ms === null;
  const minutes = Math.max(1, Math.round(((one.until_ms ?? now) - one.from_ms) / 60_000));
  return html`<li><a href=${`#/incidents/${one.id}`} aria-current=${chosen ? "true" : undefined} class=${open ? "open" : ""}>
    <strong>${t(`page.inc.${one.code}`)}</strong> <span>${places(one.rooms, names)}</span>
    <span class="soft">${when(one.from_ms)} · ${t("page.inc.minutes", minutes)}</span>
    ${one.asks_expected ? html`<span class="chip warn">? ${t("page.inc.asks")}</span>` : null}
    ${one.maintained.length === 0 ? null : html`<span class="chip">${t("page.inc.maintained")}</span>`}
    <span class=${`chip ${open ? (one.stage === "new" ? "bad" : "warn") : ""}`}>${t(`page.inc.stage.${open ? one.stage : "over"}`)}</span>
  </a></li>`;
}

/** @param {{ id: number, me: { role: string }, now: number, done: () => void }} props */
function One({ id, me, now, done }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  const [word, setWord] = useState("");
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const ask = () => get(`/incidents/${id}`).then(setTold).catch((error) => error.message && setSaid(error.message));
  // Chosen in the list: one works on with it, and not with the next of the list.
  useEffect(() => { if (document.activeElement?.closest(".list")) box.current?.focus(); }, [told === null]);
  useEffect(() => {
    ask();
    return listen("incidents", (data) => data.id === undefined || data.id === id ? ask() : null);
  }, []);
  if (told === null) return html`<section class="detail card" role="status">${said}</section>`;
  /** @type {Incident} */
  const one = told.incident;
  /** @type {Record<string, string>} */
  const names = Object.fromEntries(told.rooms.map((/** @type {any} */ room) => [room.slug, room.name]));
  /** @param {Record<string, unknown>} body */
  const step = async (body) => {
    try {
      const { sent = {}, unsent = {} } = await post(`/incidents/${id}`, body);
      const [heard, missed] = [Object.keys(sent), Object.keys(unsent)];
      setWord([heard.length === 0 ? "" : t("page.inc.told_rooms", heard.length),
        missed.length === 0 ? "" : t("page.inc.untold_rooms", missed.map((slug) => names[slug] ?? slug).join(", "))].join(" ").trim());
      setSaid("");
      ask();
      done();
      return true;
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
      return false;
    }
  };
  return html`<section class="detail card" tabindex="-1" ref=${box} aria-label=${t(`page.inc.${one.code}`)}>
    <div class="row"><h1 class="small">${t(`page.inc.${one.code}`)}: ${places(one.rooms, names)}</h1><a href="#/incidents">${t("page.inc.close")}</a></div>
    <p>${t("page.inc.from")} ${when(one.from_ms)}${one.until_ms === null ? "" : ` – ${when(one.until_ms)}`}
      ${one.expected_ms === null ? "" : ` · ${t("page.inc.expect")} ${when(one.expected_ms)}`}</p>
    ${one.maintained.length === 0 ? null : html`<p><span class="chip warn">${t("page.inc.maintained")}</span> ${one.maintained.map((slug) => names[slug] ?? slug).sort(collate).join(", ")}</p>`}
    ${one.asks_expected ? html`<p class="chip warn long" role="status">? ${t("page.inc.asks_long")}</p>` : null}
    <p role="alert" class="bad">${said}</p><p role="status" class="soft">${word}</p>
    ${me.role === "operator" || me.role === "admin" ? html`<${Work} step=${step} now=${now} />` : null}
    <${Cause} one=${one} may=${me.role === "office" || me.role === "admin"} step=${step} />
    <button onClick=${() => copy(told, names, setWord)}>${t("page.inc.copy")}</button>
    <div class="scroll"><table><thead><tr><th>${t("page.inc.where")}</th><th>${t("page.inc.what")}</th><th>${t("page.inc.phone")}</th></tr></thead>
      <tbody>${[...told.rooms].sort((a, b) => collate(a.name, b.name)).map((/** @type {any} */ room) => html`<tr key=${room.slug}><td><a href=${`#/rooms/${room.slug}`}>${room.name}</a></td>
        <td>${told.alerts.filter((/** @type {any} */ a) => a.room === room.slug).map((/** @type {any} */ a) => html`<span class=${`chip ${a.until_ms === null ? "warn" : ""}`}>${t(`alert.${a.code}`)}</span> `)}</td>
        <td>${told.people.filter((/** @type {any} */ p) => p.room === room.slug && p.phone).map((/** @type {any} */ p) => html`<a href=${`tel:${p.phone}`}>${p.name} ${p.phone}</a> `)}
          ${room.hotline ? html`<a href=${`tel:${room.hotline}`}>${room.provider} ${room.hotline}</a> <span class="soft">${room.circuit}</span>` : null}</td></tr>`)}</tbody></table></div>
    <h2 class="gap">${t("page.inc.timeline")}</h2>
    <ol class="timeline">${told.lines.map((/** @type {Line} */ line) => html`<li key=${line.id}><time>${clock(line.at_ms)}</time>
      <span>${t(`page.inc.kind.${line.kind}`)}${about(line, names)}</span> <span class="soft">${t("page.inc.by")} ${line.by === MACHINE ? t("page.inc.machine") : line.by}</span></li>`)}</ol>
  </section>`;
}

/** @param {Line} line @param {Record<string, string>} names */
function about(line, names) {
  if (["opened", "reopened", "joined", "left"].includes(line.kind)) return `: ${line.args.map(([room, code]) => `${names[room] ?? room} – ${t(`alert.${code}`)}`).join("; ")}`;
  if (line.kind === "expected") return `: ${when(line.args[0])}`;
  if (line.kind === "proposed") return `: ${t(`page.inc.cause.${line.args[0]}`)} (${t(`page.inc.why.${line.args[1]}`)})`;
  if (line.kind === "maintained" || line.kind === "unmaintained") return `: ${names[line.args[0]] ?? line.args[0]}${line.text ? ` – ${line.text}` : ""}`;
  if (line.kind === "cause") return `: ${t(`page.inc.cause.${line.args[0]}`)}, ${t(line.args[1] ? "page.inc.own" : "page.inc.outside")}`;
  return line.text ? `: ${line.text}` : "";
}

/** @param {{ step: (body: Record<string, unknown>) => Promise<boolean>, now: number }} props */
function Work({ step, now }) {
  const [day, setDay] = useState(dateOf(now));
  const [hour, setHour] = useState("");
  /** @param {SubmitEvent} event */
  const send = async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const data = new FormData(form);
    if (await step({ what: data.get("what"), text: data.get("text") })) form.reset();
  };
  /** @param {SubmitEvent} event */
  const expect = async (event) => {
    event.preventDefault();
    await step({ what: "expected", at_ms: msOf(day, hour) });
  };
  return html`<div class="work">
    <div class="row">${STAGES.map((what) => html`<button onClick=${() => step({ what })}>${t(`page.inc.stage.${what}`)}</button>`)}</div>
    <form class="row" onSubmit=${send}><select name="what" aria-label=${t("page.inc.stage")}>${["note", "told", "opinion", "effect", "measures"].map((what) => html`<option value=${what}>${t(`page.inc.kind.${what}`)}</option>`)}</select>
      <input name="text" required maxlength="2000" aria-label=${t("page.inc.note")} /><button>${t("page.inc.save")}</button></form>
    <form class="row" onSubmit=${expect}><${DateField} label=${t("page.inc.expect")} value=${day} set=${setDay} required /><${TimeField} label=${t("page.inc.expect_hour")} value=${hour} set=${setHour} required /><button>${t("page.inc.save")}</button></form>
  </div>`;
}

/** @param {{ one: Incident, may: boolean, step: (body: Record<string, unknown>) => Promise<boolean> }} props */
function Cause({ one, may, step }) {
  /** @param {SubmitEvent} event */
  const send = async (event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    await step({ what: "cause", cause: data.get("cause"), own: data.get("own") === "own" });
  };
  const set = one.cause ? html`${t(`page.inc.cause.${one.cause}`)}, ${t(one.own ? "page.inc.own" : "page.inc.outside")} <span class="soft">${t("page.inc.by")} ${one.cause_by}</span>` : null;
  return html`<div><p>${t("page.inc.cause")}: ${set ?? html`${t(`page.inc.cause.${one.proposed}`)} <span class="soft">(${t("page.inc.proposed")})</span>`}</p>
    ${one.explanation ? html`<p>${t("page.inc.explanation")} (${one.explained_by}): ${one.explanation}</p>` : null}
    ${may ? html`<form class="row" onSubmit=${send}><${Kept} as="select" name="cause" start=${one.proposed} aria-label=${t("page.inc.cause")}>${CAUSES.map((word) => html`<option value=${word}>${t(`page.inc.cause.${word}`)}</option>`)}</${Kept}>
      <label class="row"><input type="radio" name="own" value="own" required />${t("page.inc.own")}</label>
      <label class="row"><input type="radio" name="own" value="outside" required />${t("page.inc.outside")}</label><button>${t("page.inc.save")}</button></form>` : null}</div>`;
}

/** Text for the technicians' chat group. @param {any} told @param {Record<string, string>} names @param {(text: string) => void} say */
async function copy(told, names, say) {
  const one = told.incident;
  const expected = one.expected_ms === null ? "" : `${t("page.inc.expect")}: ${when(one.expected_ms)}.`;
  const text = t("page.inc.message", t(`page.inc.${one.code}`), places(one.rooms, names), when(one.from_ms), expected);
  say((await copied(text)) ? t("page.inc.copied") : text);
}
