// The chair's screen: who asks to speak, in huge type, one tap to give the floor; who is missing. No technical word.

import { act, keep } from "../lib/act.js";
import { get } from "../lib/api.js";
import { place, useStill } from "../lib/still.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { clock, t, word } from "../lib/words.js";

export function Page() {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  useEffect(() => keep(() => get("/chair").then(setTold).catch((error) => error.message && setSaid(error.message)), 2_000, listen, ["rooms", "orders"]), []);
  const still = useStill(told?.queue ?? []);
  if (told === null) return html`<p role="status">${said}</p>`;
  return html`<div class="chair"><h1>${told.secret ? t("board.secret") : told.title}</h1>
    ${told.speaking.length ? html`<p class="now">${t("page.live.speaking")}: <strong>${told.speaking.join(", ")}</strong></p>` : null}
    <ol>${told.queue.map((/** @type {any} */ ask) => html`<li key=${place(ask)}><span><strong>${ask.name}</strong> <small>${word(ask.seat)} · ${clock(ask.asked_ms)}</small></span>
      <button class="main" aria-disabled=${!still} onClick=${() => still && act("/chair/grant", { room: ask.room, seat: ask.seat }, setSaid, given)}>${t("page.live.grant")}</button></li>`)}</ol>
    ${told.queue.length === 0 ? html`<p class="now soft">${t(told.secret ? "page.live.secret" : "page.live.empty")}</p>` : null}
    ${told.missing.length ? html`<p class="away">${t("page.live.missing")}: ${told.missing.join(", ")}</p>` : null}
    <p role="status">${said}</p></div>`;
}

/** Whatever went wrong, the chair's own word goes before it. @param {import("../lib/act.js").Answer} one */
function given({ stage, name }) {
  if (stage === "accepted") return t("page.live.sent");
  return t(stage === "done" ? "page.chair.given" : "page.chair.not_given", name);
}
