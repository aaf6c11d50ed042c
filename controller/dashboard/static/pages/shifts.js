// Sổ giao ca: what the next shift must know, put together by the machine; what people add to it; who took over.

import { keep, saved } from "../lib/act.js";
import { get, post } from "../lib/api.js";
import { places } from "../lib/places.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, t, when } from "../lib/words.js";

export function Page() {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  const ask = () => get("/shifts").then(setTold).catch((error) => error.message && setSaid(error.message));
  useEffect(() => keep(ask, 30_000, listen, ["incidents", "meetings", "words"]), []);
  if (told === null) return html`<h1>${t("page.nav.shifts")}</h1><p role="status">${said}</p>`;
  /** @param {string} path @param {any} body */
  const run = (path, body) => saved(post(path, body), setSaid, ask);
  /** @param {SubmitEvent} event */
  const give = async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (await run("/shifts", { text: new FormData(form).get("text") })) form.reset();
  };
  const none = html`<p class="soft">${t("page.shifts.nothing")}</p>`;
  return html`<h1>${t("page.nav.shifts")}</h1><p role="status" class="said">${said}</p><div class="two-of">
    <div><form class="card shift" onSubmit=${give}><label>${t("page.shifts.text")}<textarea name="text" required maxlength="4000"></textarea></label><button class="main">${t("page.shifts.give")}</button></form>
      ${told.shifts.length === 0 ? html`<p class="soft">${t("page.shifts.none")}</p>` : null}
      ${told.shifts.map((/** @type {any} */ one) => html`<article class="card shift" key=${one.id} tabindex="-1"><div class="row"><strong>${when(one.at_ms)}</strong><span>${t("page.shifts.by")} ${one.by}</span>
        ${one.to ? html`<span class="chip good">${t("page.shifts.taken", one.to)}</span>` : html`<span class="chip warn">${t("page.shifts.waiting")}</span>`}
        ${!one.to && !one.mine ? html`<button onClick=${() => run(`/shifts/${one.id}/take`, {})}>${t("page.shifts.take")}</button>` : null}</div><p>${one.text}</p></article>`)}</div>
    <section class="card" tabindex="-1" aria-label=${t("page.shifts.now")}><h2>${t("page.shifts.now")}</h2>
      <h3>${t("page.nav.incidents")}</h3>${told.incidents.length ? html`<ul class="plain">${told.incidents.map((/** @type {any} */ one) => html`<li key=${one.id}><a href=${`#/incidents/${one.id}`}>${t(`page.inc.${one.code}`)}</a> <strong>${places(one.rooms, told.names)}</strong> ${when(one.from_ms)} <span class="chip">${t(`page.inc.stage.${one.stage}`)}</span></li>`)}</ul>` : none}
      <h3>${t("page.shifts.meetings")}</h3>${told.meetings.length ? html`<ul class="plain">${told.meetings.map((/** @type {any} */ m) => html`<li key=${m.uid}>${when(m.start_ms)}–${clock(m.end_ms)} <strong>${m.title}</strong></li>`)}</ul>` : none}
      <h3>${t("page.shifts.words")}</h3>${told.words.length ? told.words.map((/** @type {any} */ one) => html`<${Word} key=${one.id} one=${one} run=${run} />`) : none}
    </section></div>`;
}

/** @param {{ one: any, run: (path: string, body: any) => Promise<any> }} props */
function Word({ one, run }) {
  /** @param {SubmitEvent} event */
  const answer = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    run(`/words/${one.id}`, { stage: "done", answer: form.get("answer") });
  };
  return html`<form class="shift" tabindex="-1" onSubmit=${answer} aria-label=${`${t("page.shifts.words")}: ${one.by}`}>
    <p>${when(one.at_ms)} <strong>${one.by}</strong>: ${one.text} <span class="chip">${t(`page.words.${one.stage}`)}</span></p>
    <div class="row"><input name="answer" maxlength="2000" defaultValue=${one.answer} aria-label=${t("page.words.answer")} placeholder=${t("page.words.answer")} />
      ${one.stage === "new" ? html`<button type="button" onClick=${() => run(`/words/${one.id}`, { stage: "received" })}>${t("page.words.receive")}</button>` : null}
      <button>${t("page.words.finish")}</button></div></form>`;
}
