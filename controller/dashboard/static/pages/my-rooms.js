// The sites of a technician's communes; each opens its phone page.

import { keep } from "../lib/act.js";
import { get } from "../lib/api.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { t } from "../lib/words.js";

export function Page() {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  useEffect(() => keep(() => get("/my-rooms").then(setTold).catch((error) => error.message && setSaid(error.message)), 10_000, listen, ["incidents"]), []);
  return html`<div class="mine"><h1>${t("page.nav.my_rooms")}</h1><p role="status">${said}</p>
    ${told?.rooms.length === 0 ? html`<p>${t("page.my.no_rooms")}</p>` : null}
    ${told?.rooms.map((/** @type {any} */ room) => html`<section class="card" key=${room.slug}><h2><a href=${`#/my-room/${room.slug}`}>${room.name}</a></h2>
      <p>${room.unit} <span class=${`chip ${room.online ? "good" : "bad"}`}>${room.online && room.phase ? t(`phase.${room.phase}`) : t(room.online ? "page.my.online" : "page.live.gone")}</span>
      ${room.incidents ? html` <span class="chip bad">${t("page.nav.incidents")}: ${room.incidents}</span>` : null}</p></section>`)}</div>`;
}
